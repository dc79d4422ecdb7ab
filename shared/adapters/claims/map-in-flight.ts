/**
 * The results in order, with at most `inFlightMax` under way. After a failure nothing more is started; it is thrown when
 * all that was under way has ended, so that nothing goes on behind the caller's back.
 */
export async function mapInFlight<T, R>(
  inputs: readonly T[],
  inFlightMax: number,
  work: (input: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const waiting = inputs.entries();
  const workOn = async () => {
    for (const [index, input] of waiting) {
      try {
        results[index] = await work(input);
      } catch (thrown) {
        failures.push(thrown);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlightMax, inputs.length) }, workOn));
  if (failures.length > 0) throw failures[0];
  return results;
}
