// A file that goes through more than `npm test` has time for: x.slow.ts, which `npm run test:all` runs, has x.test.ts
// loaded once more, and that asks here whether it may take its time.

const mark = '?slow';

/** @param url `import.meta.url` of x.slow.ts */
export async function loadSlow(url: string): Promise<void> {
  await import(url.replace(/\.slow\.ts$/, `.test.ts${mark}`));
}

/** @param url `import.meta.url` of x.test.ts */
export function isSlow(url: string): boolean {
  return url.endsWith(mark);
}

/** An `it` for what is left to the slow tier. */
export function slowly(url: string): (title: string, test: (this: Mocha.Context) => void | Promise<void>) => void {
  return (title, test) => {
    if (isSlow(url)) it(title, test as Mocha.AsyncFunc);
  };
}

/** An `it` for what no kind of server changes: the slow tier, which goes through Windows, leaves it out. */
export function quickly(url: string): (title: string, test: (this: Mocha.Context) => void | Promise<void>) => void {
  return (title, test) => {
    if (!isSlow(url)) it(title, test as Mocha.AsyncFunc);
  };
}
