import type { Charge } from '../../../shared/domain/rating/charge.ts';
import type { ApiReader } from '../api-reads.ts';
import type { SimulatedTenant } from '../tenants.ts';
import type { Auditor } from './auditor.ts';
import { customerNamed, inForce } from './catalogue-ledger.ts';
import { earlierEvent } from './earlier-events.ts';
import { readEvidence } from './evidence.ts';
import { type Exact, exact, exactText } from './exact.ts';
import type { CorrectedEvent } from './final-corrections.ts';
import type { MeteredEvent } from './final-usage.ts';
import { directionOf, fold } from './fold.ts';
import type { EvidenceEvent, ListedInvoice, ListedLine } from './invoices.ts';
import { acceptedMs, firstSentMs, identityOf } from './ledger.ts';
import { chargesOf, priceOf } from './prices.ts';

/** What was billed so far for one charge in one segment, and the events that it was billed by. */
interface Billed {
  readonly charge: Charge;
  readonly fromMs: number;
  readonly toMs: number;
  amount: bigint;
  quantity: Exact;
  events: readonly MeteredEvent[];
}

interface Books {
  readonly auditor: Auditor;
  readonly tenant: SimulatedTenant;
  readonly reader: ApiReader;
  readonly metered: ReadonlyMap<string, readonly MeteredEvent[]>;
  readonly corrected: ReadonlyMap<string, CorrectedEvent>;
  /** By customer, charge, segment and version. */
  readonly billed: Map<string, Billed>;
  readonly skewMaxMs: number;
}

/**
 * Every final invoice is what its own evidence makes it, its evidence is made of events that are stored, and holds all that
 * were accepted before it was made (P3, P9). The last one leaves nothing out. Numbers have no gap.
 */
export async function checkInvoices(
  input: Omit<Books, 'billed'> & { readonly invoices: readonly ListedInvoice[] },
): Promise<void> {
  const books: Books = { ...input, billed: new Map() };
  const { verdict } = books.auditor;
  const ordered = input.invoices.toSorted((left, right) => ordinal(left) - ordinal(right));
  for (const [index, invoice] of ordered.entries()) {
    if (ordinal(invoice) !== index + 1) {
      verdict.broken('P9', `${books.tenant.key}: ${invoice.number} is the final invoice ${index + 1}`);
    }
    await checkInvoice(books, invoice);
    if (verdict.first() !== null) return;
    verdict.checked('final invoices');
  }
  for (const [name, segment] of books.billed) checkComplete(books, name, segment);
}

function ordinal({ number }: ListedInvoice): number {
  return Number(/(\d+)$/.exec(number ?? '')?.[1] ?? Number.NaN);
}

async function checkInvoice(books: Books, invoice: ListedInvoice): Promise<void> {
  const { auditor, tenant, reader } = books;
  const name = `${tenant.key} ${invoice.number} of ${invoice.customer}`;
  const file = await reader.text(`/v1/invoices/${invoice.id}/evidence`);
  if (file === null) return auditor.verdict.broken('P9', `${name} has no evidence`);
  const evidence = readEvidence(file);
  let sum = 0n;
  for (const line of invoice.lines) {
    const found = evidence.get(line.id);
    if (found === undefined)
      return auditor.verdict.broken('P9', `${name}: no evidence of ${JSON.stringify(line)}`);
    checkLine(books, { invoice, line, ...found });
    sum += cents(line.amount);
  }
  if (sum !== cents(invoice.subtotal) || sum !== cents(invoice.total)) {
    auditor.verdict.broken('P3', `${name}: lines come to ${sum} cents: ${JSON.stringify(invoice)}`);
  }
  checkPeriodIsBilled(books, invoice);
  for (const [key, segment] of books.billed) {
    if (key.startsWith(`${invoice.customer} `)) checkHoldsAccepted(books, invoice, segment);
  }
}

function cents(amount: string): bigint {
  return exact(amount) / 10n ** 10n;
}

function checkLine(
  books: Books,
  input: {
    readonly invoice: ListedInvoice;
    readonly line: ListedLine;
    readonly events: readonly EvidenceEvent[];
    readonly sha256: string;
  },
): void {
  const { invoice, line, events, sha256 } = input;
  const { verdict } = books.auditor;
  const broken = (what: string) =>
    verdict.broken(
      'P3',
      `${books.tenant.key} ${invoice.number} of ${invoice.customer}: ${what}: ${JSON.stringify(line)}`,
    );
  const charge = chargesOf(line.planVersion).find(({ key }) => key === line.charge);
  if (charge === undefined) {
    broken('a charge that no version has');
    return;
  }
  const billed = billedFor(books, invoice.customer, line, charge);
  if (charge.meter !== undefined) {
    const { sha256: shown, events: count } = line.evidence ?? { sha256: '', events: -1 };
    if (shown !== sha256 || count !== events.length)
      broken(`its evidence has ${events.length} events, ${sha256}`);
    const known = knownEvents(books, invoice.customer, billed, charge);
    const found = events.map((event) => {
      const current = known.get(identityOf(event));
      return isSame(event, current) ? current : asItWas(books, invoice, billed, charge, event);
    });
    const unknown = events[found.indexOf(undefined)];
    if (unknown !== undefined) broken(`an event that is not stored like that: ${JSON.stringify(unknown)}`);
    const counted = new Map(
      found.flatMap((event) => (event === undefined ? [] : [[identityOf(event), event]])),
    );
    if (unknown === undefined && counted.size !== events.length) broken('an event counts twice');
    billed.events = [...counted.values()];
  }
  const total = charge.meter === undefined ? exact('1') : totalOf(books, charge, billed.events);
  const [amount, quantity] = [priceOf(charge, total) - billed.amount, total - billed.quantity];
  if (line.kind !== 'adjustment' && (billed.amount !== 0n || billed.quantity !== 0n))
    broken('is billed a second time');
  if (cents(line.amount) !== amount || exact(line.quantity) !== quantity) {
    broken(`should be ${exactText(quantity)} for ${amount} cents by ${billed.events.length} events`);
  }
  billed.amount += amount;
  billed.quantity += quantity;
  verdict.checked(line.kind === 'adjustment' ? 'adjustments of final invoices' : 'lines of final invoices');
}

/** An event that has been corrected since, as it may have been when the invoice was made. */
function asItWas(
  books: Books,
  invoice: ListedInvoice,
  billed: Pick<Billed, 'fromMs' | 'toMs'>,
  { meter = '', filters = {} }: Charge,
  event: EvidenceEvent,
): MeteredEvent | undefined {
  const { auditor, tenant, corrected } = books;
  const completeMs = completeUntilMs(books, invoice);
  const settledMs = corrected.get(identityOf(event))?.settledMs ?? null;
  // Nobody said anything of it since: then it is what it was already.
  if (settledMs !== null && completeMs !== null && settledMs <= completeMs) return undefined;
  const { customer } = invoice;
  return earlierEvent(auditor, tenant, { ...billed, customer, meter, regions: filters.region, event });
}

function billedFor(
  { billed }: Books,
  customer: string,
  { period, planVersion }: ListedLine,
  charge: Charge,
): Billed {
  const key = `${customer} ${charge.key} ${period.from} ${planVersion}`;
  const known = billed.get(key) ?? {
    ...{ charge, fromMs: Date.parse(period.from), toMs: Date.parse(period.to) },
    ...{ amount: 0n, quantity: 0n, events: [] },
  };
  // A segment may have become shorter, where another version came into force within it.
  const current = { ...known, toMs: Date.parse(period.to) };
  billed.set(key, current);
  return current;
}

/** The events that a charge counts in a segment, when all is known. */
function knownEvents(
  { metered }: Books,
  customer: string,
  { fromMs, toMs }: Pick<Billed, 'fromMs' | 'toMs'>,
  { meter = '', filters = {} }: Charge,
): ReadonlyMap<string, MeteredEvent> {
  const regions = filters.region;
  const events = (metered.get(meter) ?? []).filter(
    (event) =>
      event.customer === customer &&
      event.timeMs >= fromMs &&
      event.timeMs < toMs &&
      (regions === undefined || regions.includes(event.region ?? '')),
  );
  return new Map(events.map((event) => [identityOf(event), event]));
}

function isSame(event: EvidenceEvent, known: MeteredEvent | undefined): boolean {
  return (
    known !== undefined &&
    Date.parse(event.time) === known.timeMs &&
    exact(event.quantity) === known.quantity &&
    event.uniqueKey === known.uniqueKey
  );
}

function totalOf({ tenant }: Books, charge: Charge, events: readonly MeteredEvent[]): Exact {
  const meter = tenant.catalogue.meters.find(({ meter: { key } }) => key === charge.meter);
  return meter === undefined ? 0n : exact(fold(meter.meter.aggregation, events) ?? '0');
}

/** Usage charges make lines for the whole period that ended, also at zero: their segments leave no gap. */
function checkPeriodIsBilled(
  { auditor, tenant }: Books,
  { customer, number, lines, period }: ListedInvoice,
): void {
  const usage = lines.filter(({ kind }) => kind === 'usage');
  if (usage.length === 0) return;
  for (const charge of chargesOf(1).filter(({ meter }) => meter !== undefined)) {
    const segments = usage
      .filter((line) => line.charge === charge.key)
      .map((line) => line.period)
      .toSorted((left, right) => Date.parse(left.from) - Date.parse(right.from));
    const borders = [period.from, ...segments.map(({ to }) => to)];
    const isWhole =
      segments.every(({ from }, index) => from === borders[index]) && borders.at(-1) === period.to;
    if (isWhole) continue;
    const detail = `${charge.key} is billed for ${JSON.stringify(segments)} of ${JSON.stringify(period)}`;
    auditor.verdict.broken('P9', `${tenant.key} ${number} of ${customer}: ${detail}`);
  }
}

/** What was accepted before an invoice became final is on it, or on one before it (P9). */
function checkHoldsAccepted(books: Books, invoice: ListedInvoice, segment: Billed): void {
  const { auditor, tenant, metered } = books;
  const { charge } = segment;
  const meter = tenant.catalogue.meters.find(({ meter: { key } }) => key === charge.meter);
  // What a meter counted before it was changed, only the product knows.
  if (meter === undefined || meter.former.length > 0) return;
  const completeMs = completeUntilMs(books, invoice);
  if (completeMs === null) {
    auditor.verdict.broken('P9', `${tenant.key} ${invoice.number} was made before its time`);
    return;
  }
  const known = knownEvents({ ...books, metered }, invoice.customer, segment, charge);
  const held = new Set(segment.events);
  const missing = [...known].flatMap(([key, event]) => {
    const accepted = acceptedAtMs(books, key);
    return held.has(event) || accepted === null || accepted > completeMs ? [] : [event];
  });
  const { aggregation } = meter.meter;
  const renewed = new Set(missing.map(identityOf));
  const whole = [...segment.events.filter((event) => !renewed.has(identityOf(event))), ...missing];
  const changesNothing =
    directionOf(aggregation, whole) !== 0 && fold(aggregation, whole) === fold(aggregation, segment.events);
  if (missing.length === 0 || changesNothing) return;
  const [first] = missing;
  const detail = `${first?.source}/${first?.id}, accepted before ${completeMs}, is not billed by ${charge.key}`;
  auditor.verdict.broken('P9', `${tenant.key} ${invoice.number} of ${invoice.customer}: ${detail}`);
}

/** Until which true time everything that was accepted is on an invoice; null: it was made before its time. */
function completeUntilMs(
  { auditor, tenant, skewMaxMs }: Books,
  { finalizedAt }: ListedInvoice,
): number | null {
  const finalMs = Date.parse(finalizedAt ?? '');
  return tenant.mode === 'live' ? finalMs - skewMaxMs : auditor.advances.askedMs(tenant.key, finalMs);
}

/** Of a content that may have been counted; with several only the latest is certain. */
function acceptedAtMs({ auditor, tenant, corrected }: Books, identity: string): number | null {
  const { events, corrections } = auditor;
  const payloads = [...(events.ofTenant(tenant.key).get(identity)?.payloads.values() ?? [])];
  const correction = corrected.get(identity);
  if (correction === undefined && corrections.ofTenant(tenant.key).has(identity)) return null;
  if (correction?.settledMs === null) return null;
  const isKnown = payloads.every((payload) => {
    const customer = customerNamed(tenant.catalogue, payload.event.customer);
    return customer !== undefined && inForce(customer, firstSentMs(payload)) === 'yes';
  });
  // Whose customer came later is counted when a job has found it.
  if (!isKnown) return null;
  const accepted = payloads.map(acceptedMs);
  return accepted.some((ms) => ms === null)
    ? null
    : Math.max(correction?.settledMs ?? 0, ...accepted.map((ms) => ms ?? 0));
}

/** When all is quiet and closed, what was billed is the price of everything. */
function checkComplete(books: Books, name: string, segment: Billed): void {
  const { charge } = segment;
  if (charge.meter === undefined) return;
  const [customer = ''] = name.split(' ');
  const all = [...knownEvents(books, customer, segment, charge).values()];
  const total = totalOf(books, charge, all);
  books.auditor.verdict.checked('segments billed to the end');
  if (segment.quantity === total && segment.amount === priceOf(charge, total)) return;
  const detail = `${exactText(segment.quantity)} for ${segment.amount} cents, of ${exactText(total)} by ${all.length} events`;
  books.auditor.verdict.broken('P3', `${books.tenant.key}: ${name}: ${detail} were billed in the end`);
}
