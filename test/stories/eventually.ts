import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until there is an answer; what it waits for happens in other processes, which tell nobody. */
export async function eventually<T>(ask: () => Promise<T | undefined>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(50);
  }
  throw new Error(`no answer within ${withinMs} ms`);
}
