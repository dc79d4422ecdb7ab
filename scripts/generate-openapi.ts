import { writeFileSync } from 'node:fs';
import { openApiText } from '../shared/contracts/http/openapi.ts';

/** Writes docs/openapi.json, which a test keeps equal to the route contracts. */
writeFileSync(new URL('../docs/openapi.json', import.meta.url), openApiText());
