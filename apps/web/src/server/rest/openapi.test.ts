import { type HttpRoute, restRoutes } from '@lockstep/contracts';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from './openapi.js';

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into as it is
const document = openApiDocument('http://localhost') as any;

describe('the OpenAPI document', () => {
  it('has every route with its parameters, body and answer', () => {
    for (const [name, route] of Object.entries(restRoutes) as [string, HttpRoute][]) {
      const operation = document.paths[route.path][route.method.toLowerCase()];
      expect(operation.operationId).toBe(name);
      const inPath = operation.parameters.filter((parameter: { in: string }) => parameter.in === 'path');
      expect(inPath.map((parameter: { name: string }) => `{${parameter.name}}`)).toEqual(
        route.path.match(/\{\w+\}/g) ?? [],
      );
      expect(inPath.every((parameter: { required: boolean }) => parameter.required)).toBe(true);
      expect(operation.requestBody !== undefined).toBe(route.body !== undefined);
      expect(operation.responses[route.status]).toBeDefined();
    }
  });

  it('takes bounds and descriptions from the schemas', () => {
    const { schema } = document.paths['/runs'].post.requestBody.content['application/json'];
    expect(schema.required).toEqual(['project', 'spec']);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.workers).toMatchObject({ type: 'integer', minimum: 1, default: 1 });
    expect(document.paths['/runs'].get.parameters.map((parameter: { name: string }) => parameter.name)).toContain(
      'cursor',
    );
  });

  it('has no schema that says nothing where something is known', () => {
    const answer = document.paths['/runs/{runId}'].get.responses[200].content['application/json'].schema;
    expect(answer.properties.state.enum).toContain('training');
    expect(answer.properties.resolvedSpec.properties.lanes).toBeDefined();
  });

  it('holds no schema that only this library reads', () => {
    expect(JSON.stringify(document)).not.toMatch(/\$schema|~standard/);
  });
});
