/** Processor time of this process so far, in milliseconds: unlike the time of day, a busy machine does not lengthen it. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
