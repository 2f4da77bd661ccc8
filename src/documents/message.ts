import type { ValidateFunction } from 'ajv';
import { checkDocument, type DocumentKind, parseJson } from '../text/document.ts';
import { validateMessage } from './generated/validate-message.js';
import type { Message } from './news.ts';

const messageKind: DocumentKind<Message> = {
  name: 'message',
  version: 1,
  validate: validateMessage as ValidateFunction<Message>,
};

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseMessage(text: string, where: string): Message {
  return checkDocument(parseJson(text, where), messageKind, where);
}
