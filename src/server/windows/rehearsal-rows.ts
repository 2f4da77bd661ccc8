import type { RehearsalAct, RehearsalLook } from '../../documents/rehearsal.ts';
import { keyOption } from '../../holders/tls/netsh-options.ts';
import type { SeenPlaces } from '../../holders/tls/tables-in-rows.ts';
import { lifecycleLog } from '../../windows/lifecycle-event.ts';
import type { Row } from '../../windows/rows.ts';

/** The row for an act of a rehearsal. */
export function rowForAct(act: RehearsalAct, places: SeenPlaces): Row {
  switch (act.act) {
    case 'add-site':
      return [act.act, act.name, ...act.bindings.flatMap(({ information, sslFlags }) => [information, `${sslFlags}`])];
    case 'remove-site':
      return [act.act, act.name];
    case 'add-certificate':
      return [act.act, act.name, act.friendlyName];
    case 'remove-certificate':
      return [act.act, act.thumbprint, act.store];
    case 'register-again':
      return [act.act, act.path, act.name, act.xml];
    case 'announce':
      return [act.act, act.old, act.new];
    case 'binding-method':
      return [act.act, act.site, act.information, act.method, act.thumbprint];
    case 'netsh-update': {
      const { name, value } = keyOption(act.key);
      const words = [`${name}=${value}`, `certhash=${act.thumbprint}`, `appid=${act.appId}`, 'certstorename=My'];
      return ['netsh', ...places.rowOf(act.key), '', 'http', 'update', 'sslcert', ...words];
    }
  }
}

/** The row for a look of a rehearsal. */
export function rowForLook(look: Exclude<RehearsalLook, { look: 'event-xml' }>): Row {
  switch (look.look) {
    case 'binding-certificate':
      return [look.look, look.site, look.information];
    case 'netsh-record': {
      const { name, value } = keyOption(look.key);
      return [look.look, `${name}=${value}`];
    }
    case 'intermediates':
      return [look.look];
    case 'log-access':
      return [look.look, lifecycleLog];
    case 'engine-json':
      return [look.look, `${look.characters}`];
    case 'engine-line':
      // A request is sent in base64, four characters for three.
      return [look.look, 'x'.repeat((look.characters / 4) * 3 - `${look.look}\t`.length)];
  }
}
