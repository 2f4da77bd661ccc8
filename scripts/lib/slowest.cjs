/** @param timed [{ seconds, name }] of tests and of what prepares them @returns the ten that took longest, as lines */
function slowestLines(timed) {
  const longest = [...timed].sort((a, b) => b.seconds - a.seconds).slice(0, 10);
  if (longest.length === 0) return [];
  return ['  the slowest:', ...longest.map(({ seconds, name }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`)];
}

module.exports = { slowestLines };
