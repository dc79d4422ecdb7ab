import { type Benchmark, median, perMinute, timed, untilIdle } from './benchmark.ts';
import { type BillingProcess, startBillingProcess } from './billing-process.ts';
import { commitsAlone, proofAlone, ratingAlone } from './invoice-ceilings.ts';
import { checkInvoices } from './invoice-checks.ts';
import { GRACE_END_MS, LINES_PER_INVOICE, type Load, PERIOD_END_MS } from './invoice-load.ts';
import { sendEvents, setUpTenant } from './invoice-setup.ts';

const EVENTS_PER_LINE = 4;
const CUSTOMERS = 1_000;
const ROUNDS = 3;
/** A server has done it before. */
const WARM_UP: Load = { tenant: 'warm_up', customers: 100, eventsPerLine: EVENTS_PER_LINE };
const MIB = 2 ** 20;

/** How many invoices of 30 usage lines are drafted and finalized a minute. */
export const invoices: Benchmark = async (say) => {
  const running = await startBillingProcess();
  try {
    await bill(running, WARM_UP, say);
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const load = { tenant: `round_${round}`, customers: CUSTOMERS, eventsPerLine: EVENTS_PER_LINE };
      rounds.push(await playRound(running, load, say));
    }
    const invoicesPerMinute = median(rounds.map((round) => round.invoicesPerMinute));
    const ratio = median(rounds.map((round) => round.ratio));
    say(`median: ${invoicesPerMinute} invoices a minute, ${ratio} of the ceiling`);
    const load = { customers: CUSTOMERS, linesPerInvoice: LINES_PER_INVOICE, eventsPerLine: EVENTS_PER_LINE };
    return { invoicesPerMinute, ratio, load, rounds };
  } finally {
    await running.stop();
  }
};

// Aliases, not interfaces: only these are JSON values to the compiler.

type Billed = Readonly<{ draftMs: number; finalizeMs: number; peakRssMib: number }>;

type Round = Readonly<
  Billed & {
    invoicesPerMinute: number;
    ceilings: { ratingMs: number; proofMs: number; commitsMs: number; invoicesPerMinute: number };
    ratio: number;
  }
>;

async function playRound(running: BillingProcess, load: Load, say: (text: string) => void): Promise<Round> {
  const billed = await bill(running, load, say);
  const ratingMs = await ratingAlone(load);
  const proofMs = await proofAlone(load);
  const commitsMs = await commitsAlone(running, load);
  // Each line is rated when it is drafted and when it becomes final.
  const ceiling = perMinute(load.customers, 2 * ratingMs + proofMs + commitsMs);
  const reached = perMinute(load.customers, billed.draftMs + billed.finalizeMs);
  const ratio = Math.round((reached / ceiling) * 1_000) / 1_000;
  say(`  ${reached} invoices a minute; ${ceiling} without stores and waiting: ${ratio} of it`);
  const ceilings: Round['ceilings'] = rounded({ ratingMs, proofMs, commitsMs, invoicesPerMinute: ceiling });
  return { ...rounded(billed), invoicesPerMinute: reached, ceilings, ratio };
}

/** From nothing to checked invoices; times only the two machines. */
async function bill(running: BillingProcess, load: Load, say: (text: string) => void): Promise<Billed> {
  const { tenant, customers } = load;
  await setUpTenant(running, load);
  const loadMs = await timed(async () => {
    await sendEvents(running, load);
    await running.advance(tenant, PERIOD_END_MS - 1);
  });
  const events = customers * LINES_PER_INVOICE * load.eventsPerLine;
  say(`${tenant}: ${customers} customers; ${events} events counted in ${(loadMs / 1_000).toFixed(1)} s`);
  // Events come over a month, not in the minute before it ends: merges of the tables are over.
  await untilIdle();
  const memory = watchMemory();
  const draftMs = await runOf(running, tenant, PERIOD_END_MS);
  const finalizeMs = await runOf(running, tenant, GRACE_END_MS);
  const peakRssMib = memory.stop();
  say(`  drafted in ${draftMs.toFixed(0)} ms, finalized in ${finalizeMs.toFixed(0)} ms`);
  await checkInvoices(running, load);
  return { draftMs, finalizeMs, peakRssMib };
}

/** How long the machine took that the instant starts. */
async function runOf(running: BillingProcess, tenant: string, atMs: number): Promise<number> {
  await running.advance(tenant, atMs);
  return running.runs
    .filter((run) => run.tenant === tenant && run.dueAtMs === atMs)
    .reduce((sum, { tookMs }) => sum + tookMs, 0);
}

function watchMemory(): { stop(): number } {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 50);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak / MIB;
    },
  };
}

function rounded<T extends Readonly<Record<string, number>>>(values: T): T {
  const entries = Object.entries(values).map(([name, value]) => [name, Math.round(value)]);
  return Object.fromEntries(entries) as T;
}
