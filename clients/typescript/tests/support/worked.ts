// How long the processor works at something: unlike the time on the wall, what else the machine does is no part of it.

/** Return the milliseconds that *work* takes this process. */
export function worked(work: () => void): number {
  const begun = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}
