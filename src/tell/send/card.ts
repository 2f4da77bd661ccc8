import { momentText } from '../../certificates/named-certificate.ts';
import type { News } from '../../documents/news.ts';

/** What a Teams workflow accepts: a message with one card. Names go into text runs, where no markup is interpreted. */
export function teamsMessage(news: News): object {
  const { kind, headline, advice, lines, more, run, at } = news;
  const said = [advice, ...lines, ...(more === 0 ? [] : [`… and ${more} more.`])];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            paragraph(headline, { weight: 'Bolder', size: 'Medium' }),
            ...said.map((line) => paragraph(line, {})),
            paragraph(`${momentText(at)}${run === null ? '' : `, run ${run}`}, ${kind}`, {
              isSubtle: true,
              size: 'Small',
            }),
          ],
        },
      },
    ],
  };
}

/** Lines of a card are cut at this length, because more text would not help a reader. */
const longestLine = 800;

function paragraph(text: string, style: Readonly<Record<string, string | boolean>>): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: text.slice(0, longestLine), ...style }] };
}
