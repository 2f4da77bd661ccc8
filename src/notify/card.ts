import { momentText } from '../model/certificates/named-certificate.ts';
import { type News, wordOfNews } from '../model/documents/news.ts';

/** What a Teams workflow takes: a message with one card. Names stand in text runs, where no markup is read. */
export function teamsMessage(news: News): object {
  const { headline, lines, more, run, at } = news;
  const said = [...lines, ...(more === 0 ? [] : [`… and ${more} more.`])];
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
            paragraph(`${momentText(at)}${run === null ? '' : `, run ${run}`}, ${wordOfNews(news)}`, {
              isSubtle: true,
              size: 'Small',
            }),
          ],
        },
      },
    ],
  };
}

/** A line of a card longer than this tells a person no more. */
const longestLine = 800;

function paragraph(text: string, style: Readonly<Record<string, string | boolean>>): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: text.slice(0, longestLine), ...style }] };
}
