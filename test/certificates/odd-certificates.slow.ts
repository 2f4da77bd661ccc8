import { loadSlow } from '../support/slow.ts';

await loadSlow(import.meta.url);
