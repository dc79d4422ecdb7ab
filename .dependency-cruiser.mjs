/**
 * Who may import whom. Each inner layer names all it may import, its packages and Node modules
 * included: whatever is not named is refused. Tests may import everything; nobody may import tests.
 * scripts/check-imports.ts runs this and also fails if the graph has fewer modules than there are files.
 */

const SOURCE = '^(bin|functions|lib|local|scripts|shared|test)/';
const TEST = '^test/|\\.test\\.ts$';
const any = (...paths) => `^(${paths.join('|')})/`;
const packages = (...names) => `^node_modules/(@types/)?(${names.join('|').replaceAll('.', '\\.')})/`;
const nodeModules = (...names) => `^(node:)?(${names.join('|')})$`;

const KERNEL = 'shared/kernel';
const CONTRACTS = 'shared/contracts';
const DOMAIN = 'shared/domain';
const PORTS = 'shared/ports';
const APP = 'shared/app';
const ADAPTERS = 'shared/adapters';

/** Three rules a layer: what of ours it may import, which packages, which modules of Node. */
function layer({ folder, mayImport, mayUse = [], node = [] }) {
  const from = { path: any(folder), pathNot: TEST };
  const name = folder.replace('shared/', '');
  const list = (words) => (words.length === 0 ? 'none' : words.join(', '));
  return [
    {
      name: `${name}-imports`,
      comment: `${folder} may import of ours: ${list(mayImport)}`,
      severity: 'error',
      from,
      to: { path: SOURCE, pathNot: any(folder, ...mayImport) },
    },
    {
      name: `${name}-packages`,
      comment: `${folder} may use the packages: ${list(mayUse)}`,
      severity: 'error',
      from,
      to: { path: '^node_modules/', ...(mayUse.length > 0 && { pathNot: packages(...mayUse) }) },
    },
    {
      name: `${name}-node`,
      comment: `${folder} may use of Node: ${list(node)}`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'], ...(node.length > 0 && { pathNot: nodeModules(...node) }) },
    },
  ];
}

const layers = [
  layer({
    folder: KERNEL,
    mayImport: [],
    mayUse: ['canonicalize', 'decimal.js', 'temporal-polyfill', 'temporal-spec', 'uuid'],
    node: ['crypto'],
  }),
  layer({ folder: CONTRACTS, mayImport: [KERNEL], mayUse: ['zod', 'zod-openapi'] }),
  layer({
    folder: DOMAIN,
    mayImport: [KERNEL],
    mayUse: ['@marcbachmann/cel-js', 'temporal-polyfill', 'temporal-spec'],
  }),
  layer({ folder: PORTS, mayImport: [DOMAIN, KERNEL] }),
  layer({
    folder: APP,
    mayImport: [PORTS, DOMAIN, CONTRACTS, KERNEL],
    mayUse: ['zod', 'lru-cache'],
    node: ['crypto', 'zlib', 'util', 'buffer'],
  }),
].flat();

const outerFolders = [
  {
    name: 'adapters-imports',
    comment: 'adapters may import: ports, domain, contracts, kernel',
    severity: 'error',
    from: { path: any(ADAPTERS), pathNot: TEST },
    to: { path: SOURCE, pathNot: any(ADAPTERS, PORTS, DOMAIN, CONTRACTS, KERNEL) },
  },
  {
    name: 'functions-imports',
    comment: 'functions may import: app, adapters, contracts, kernel',
    severity: 'error',
    from: { path: any('functions'), pathNot: TEST },
    to: { path: SOURCE, pathNot: any('functions', APP, ADAPTERS, CONTRACTS, KERNEL) },
  },
  {
    name: 'functions-not-one-another',
    comment: 'a function may import its own folder and functions/_kit, never another function',
    severity: 'error',
    from: { path: '^functions/([^/]+)/', pathNot: TEST },
    to: { path: any('functions'), pathNot: any('functions/($1|_kit)') },
  },
  {
    name: 'functions-node',
    comment: 'a Lambda function reaches files, processes and the network through adapters only',
    severity: 'error',
    from: { path: any('functions'), pathNot: TEST },
    to: {
      dependencyTypes: ['core'],
      path: nodeModules('fs.*', 'sqlite', 'child_process', 'worker_threads', 'net', 'https?'),
    },
  },
  {
    name: 'bin-imports',
    comment: 'bin may import: app, adapters, ports, contracts, kernel, local',
    severity: 'error',
    from: { path: any('bin'), pathNot: TEST },
    to: { path: SOURCE, pathNot: any('bin', APP, ADAPTERS, PORTS, CONTRACTS, KERNEL, 'local') },
  },
  {
    name: 'lib-imports',
    comment: 'the CDK app names handlers by path and shares with them only names, schedules and limits',
    severity: 'error',
    from: { path: any('lib'), pathNot: TEST },
    to: { path: SOURCE, pathNot: '^lib/|^shared/contracts/(names|schedules|limits)\\.ts$' },
  },
  {
    name: 'lib-packages',
    comment: 'lib may use the packages: aws-cdk-lib, constructs, cdk-nag, zod',
    severity: 'error',
    from: { path: any('lib'), pathNot: TEST },
    to: { path: '^node_modules/', pathNot: packages('aws-cdk-lib', 'constructs', 'cdk-nag', 'zod') },
  },
];

const doors = [
  {
    name: 'functions-used-by',
    comment: 'only local and tests import functions',
    severity: 'error',
    from: { pathNot: `${TEST}|${any('functions', 'local')}` },
    to: { path: any('functions') },
  },
  {
    name: 'local-used-by',
    comment: 'only bin and tests import local',
    severity: 'error',
    from: { pathNot: `${TEST}|${any('local', 'bin')}` },
    to: { path: any('local') },
  },
  {
    name: 'tests-used-by',
    comment: 'code never imports tests',
    severity: 'error',
    from: { pathNot: TEST },
    to: { path: TEST },
  },
  {
    name: 'decimal-used-by',
    comment:
      'shared/kernel/decimal.ts is the only import of decimal.js: the default precision is wrong for money',
    severity: 'error',
    from: { pathNot: '^shared/kernel/decimal\\.ts$' },
    to: { path: packages('decimal.js') },
  },
  {
    name: 'vendors-used-by',
    comment: 'adapters are the only home of the SDKs of stores and vendors',
    severity: 'error',
    from: { path: SOURCE, pathNot: `${TEST}|${any(ADAPTERS, 'lib')}` },
    to: {
      path: packages('@aws-sdk/[^/]+', '@smithy/[^/]+', '@clickhouse/[^/]+', 'chdb', 'fontkit', 'pdfkit'),
    },
  },
  {
    name: 'lambda-frame-used-by',
    comment: 'middy and Powertools are the frame of Lambda functions and stay there',
    severity: 'error',
    from: { path: SOURCE, pathNot: `${TEST}|${any('functions')}` },
    to: { path: packages('@middy/[^/]+', '@aws-lambda-powertools/[^/]+') },
  },
];

const hygiene = [
  {
    name: 'no-cycles',
    comment: 'no cycles, of types neither',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'resolvable',
    comment: 'the import leads nowhere',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-dev-dependencies',
    comment: 'product code uses a package that only development installs',
    severity: 'error',
    from: { path: any('bin', 'functions', 'local', 'shared'), pathNot: TEST },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
];

export default {
  forbidden: [...layers, ...outerFolders, ...doors, ...hygiene],
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
