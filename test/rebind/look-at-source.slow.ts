// A thousand of its interleavings instead of 4.
import { loadSlow } from '../support/slow.ts';

await loadSlow(import.meta.url);
