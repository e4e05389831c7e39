import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/contracts';
import libraryFolder from 'swagger-ui-dist/absolute-path.js';
import { problemAnswer } from '../http/answer.js';
import { requestFacts } from '../http/request-facts.js';
import { apiHeaders } from '../http/security-headers.js';

/** Everything that the page loads comes from this server. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lockstep API</title>
<link rel="stylesheet" href="/docs/api/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/api/assets/swagger-ui-bundle.js"></script>
<script src="/docs/api/assets/open.js"></script>
</body>
</html>
`;

/** validatorUrl is a request to another site. */
const openScript = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null, defaultModelsExpandDepth: -1 });
`;

const libraryAssets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};

export function handleApiPage(request: Request): Response {
  return new Response(page, {
    headers: {
      ...apiHeaders,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'X-Request-Id': requestFacts(request.headers).requestId,
    },
  });
}

export async function handleApiPageAsset(
  request: Request,
  { params }: { params: Promise<{ file: string }> },
): Promise<Response> {
  const { file } = await params;
  const headers = { ...apiHeaders, 'Cache-Control': 'public, max-age=3600' };
  if (file === 'open.js')
    return new Response(openScript, { headers: { ...headers, 'Content-Type': 'text/javascript' } });
  const type = Object.hasOwn(libraryAssets, file) ? libraryAssets[file] : undefined;
  if (type === undefined) {
    const { requestId } = requestFacts(request.headers);
    return problemAnswer(new LockstepError('auth.not-found', 'There is no such file.'), requestId);
  }
  return new Response(new Uint8Array(await readFile(join(libraryFolder(), file))), {
    headers: { ...headers, 'Content-Type': `${type}; charset=utf-8` },
  });
}
