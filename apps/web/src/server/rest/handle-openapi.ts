import { readSettings } from '../../env.js';
import { jsonAnswer } from '../http/answer.js';
import { requestFacts } from '../http/request-facts.js';
import { openApiDocument } from './openapi.js';

/** The document says nothing about what is stored here, so that anybody may read it. */
export function handleOpenApi(request: Request): Response {
  return jsonAnswer(200, openApiDocument(readSettings().publicUrl), requestFacts(request.headers).requestId);
}
