import { type HttpRoute, problemSchema, restRoutes } from '@lockstep/contracts';
import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

/** The OpenAPI document of the REST API: made from the schemas that requests are checked by. */
export function openApiDocument(publicUrl: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(restRoutes) as [string, HttpRoute][]) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lockstep API',
      version: '1',
      description:
        'Send `Authorization: Bearer <token>`. Tokens are made and revoked on the page of the organisation, by a person who is signed in: no token makes tokens. ' +
        'Errors are problem+json; decide by `code`. What you may not see is "not found". The headers RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset say how many requests are left.',
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      responses: {
        Problem: {
          description: 'What went wrong.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(name: string, route: HttpRoute): Record<string, unknown> {
  return {
    operationId: name,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.scope === null ? {} : { 'x-scope': route.scope }),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...Object.entries(route.headers ?? {}).map(([header, description]) => ({
        name: header,
        in: 'header',
        required: false,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } },
        }),
    responses: {
      [route.status]: {
        description: route.response === null ? 'Done.' : 'The answer.',
        ...content(route),
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function content(route: HttpRoute): { content?: Record<string, unknown> } {
  if (route.response === null) return {};
  if (Array.isArray(route.response)) {
    return { content: Object.fromEntries(route.response.map((type: string) => [type, {}])) };
  }
  return { content: { 'application/json': { schema: jsonSchema(route.response as z.ZodType, 'output') } } };
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): Record<string, unknown>[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: 'inline',
  });
  return rest;
}
