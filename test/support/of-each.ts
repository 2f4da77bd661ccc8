/** What a test works with, and is done with afterwards. */
type Ending = { remove(): unknown } | { close(): unknown };

/** What each test of this block has anew: made before it, removed or closed after it. It stands for that of the test that runs. */
export function ofEach<Thing extends Ending>(make: () => Thing | Promise<Thing>): Thing {
  const { thing, begin, end } = standIn(make);
  beforeEach(begin);
  afterEach(end);
  return thing;
}

/** The same for all tests of this block together. */
export function ofAll<Thing extends Ending>(make: () => Thing | Promise<Thing>): Thing {
  const { thing, begin, end } = standIn(make);
  before(begin);
  after(end);
  return thing;
}

function standIn<Thing extends Ending>(make: () => Thing | Promise<Thing>) {
  let made: Thing | undefined;
  const begin = async () => {
    made = await make();
  };
  const end = async () => {
    const ending = made;
    made = undefined;
    if (ending !== undefined) await ('remove' in ending ? ending.remove() : ending.close());
  };
  const now = (name: string | symbol) => {
    if (made === undefined) throw new Error(`${String(name)} is asked for before it is made`);
    return made;
  };
  const thing = new Proxy({} as Thing, {
    get: (_, name) => Reflect.get(now(name), name),
    has: (_, name) => Reflect.has(now(name), name),
    set: (_, name) => {
      throw new Error(`${String(name)} is not for a test to set`);
    },
    ownKeys: () => {
      throw new Error('what each test has anew is asked for by its names');
    },
  });
  return { thing, begin, end };
}
