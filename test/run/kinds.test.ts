import { isRestarted, movableKinds } from '../../src/holders/holder.ts';
import { isSlow } from '../support/slow.ts';
import { describeKind } from './describe-kind.ts';
import { kindWorlds } from './kind-worlds.ts';

for (const kind of movableKinds) {
  const world = kindWorlds[kind];
  const isLong = isRestarted(kind) || (world.keys.length > 1 && !isSlow);
  describeKind(kind, world, isLong ? 1 : 2);
}
