import assert from 'node:assert/strict';
import { notificationHtml, notificationText } from '../../../../src/session/notify/send/mail.ts';
import { teamsMessage } from '../../../../src/session/notify/send/webhook.ts';
import { newsOf } from '../../../builders/notification.ts';

const run = '20260601-120000000-0001';
const long = newsOf({ run, lines: ['one', 'two'], more: 3 });

describe('the text of news', () => {
  it('begins with what to type, and has the lines, how many more there are, and where details are', () =>
    assert.equal(
      notificationText(long),
      `To see why: certrebind plan

WEB01: renewal blocked.

one

two

… and 3 more.

2026-06-01 12:00 UTC.
For details: certrebind history ${run}.
In the Application log: event 110 of CertRebind.
`,
    ));

  it('is the same as simple HTML, in which what others wrote is text', () =>
    assert.equal(
      notificationHtml(
        newsOf({ run: null, headline: 'WEB01: <b>', lines: ['one & two', '  certrebind plan'], eventId: null }),
      ),
      '<h1 style="font-size:1.25em">WEB01: &lt;b&gt;.</h1>\n<p><b>To see why: certrebind plan</b></p>\n<p>one &amp; two</p>\n<pre>certrebind plan</pre>\n<p>2026-06-01 12:00 UTC.</p>\n',
    ));

  it('names no run where there was none, and no lines', () =>
    assert.equal(
      notificationText(newsOf({ lines: [] })),
      `To see why: certrebind plan

WEB01: renewal blocked.

2026-06-01 12:00 UTC.
In the Application log: event 110 of CertRebind.
`,
    ));

  it('tells each moment also by the clock of the server, where that is another', () => {
    const zone = process.env.TZ;
    process.env.TZ = 'Europe/Berlin';
    try {
      const news = newsOf({ lines: ['ends 2026-01-31 23:30 UTC'] });
      assert.match(
        notificationText(news),
        /\nends 2026-01-31 23:30 UTC \(00:30 UTC\+1\)\n[\s\S]*\n2026-06-01 12:00 UTC \(14:00 UTC\+2\)\.\n/,
      );
      assert.match(JSON.stringify(teamsMessage(news)), /23:30 UTC \(00:30 UTC\+1\).*12:00 UTC \(14:00 UTC\+2\)/);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it('says of a test no more than that', () =>
    assert.equal(
      notificationText(newsOf({ kind: 'test', eventId: null, advice: 'Nothing to do.', lines: [] })),
      'Nothing to do.\n\nWEB01: renewal blocked.\n\n2026-06-01 12:00 UTC.\n',
    ));
});

describe('a card of news', () => {
  const bodyOf = (news: Parameters<typeof teamsMessage>[0]) =>
    JSON.parse(JSON.stringify(teamsMessage(news))).attachments[0].content.body;
  const paragraph = (text: string, style = {}) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, ...style }],
  });
  const headline = paragraph('WEB01: renewal blocked', { weight: 'Bolder', size: 'Medium' });
  const foot = (text: string) => paragraph(text, { isSubtle: true, size: 'Small' });

  it('says what it is', () => {
    const { contentUrl, content } = JSON.parse(JSON.stringify(teamsMessage(long))).attachments[0];
    assert.deepEqual(
      [contentUrl, content.$schema, content.type, content.version],
      [null, 'http://adaptivecards.io/schemas/adaptive-card.json', 'AdaptiveCard', '1.4'],
    );
  });

  it('has a paragraph for each line, how many more there are, and what it is about', () =>
    assert.deepEqual(bodyOf(long), [
      headline,
      paragraph('To see why: certrebind plan'),
      paragraph('one'),
      paragraph('two'),
      paragraph('… and 3 more.'),
      foot(`2026-06-01 12:00 UTC, run ${run}, blocked`),
    ]));

  it('names no run where there was none, and cuts a line that nobody would read', () =>
    assert.deepEqual(bodyOf(newsOf({ lines: ['x'.repeat(801)] })), [
      headline,
      paragraph('To see why: certrebind plan'),
      paragraph('x'.repeat(800)),
      foot('2026-06-01 12:00 UTC, blocked'),
    ]));
});
