/** Amazon DynamoDB: dynalite for items and expressions, and around it what dynalite lacks. */
import { crc32 } from 'node:zlib';
import type { RawRequest, RawResponse, RawService } from '../../raw-service.ts';
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { Engine, type Json } from './engine.ts';
import { itemOperations } from './items.ts';
import type { TableOperation } from './operation.ts';
import { restoreTables, type SavedTables, saveTables } from './saving.ts';
import { settingOperations } from './settings.ts';
import { tableOperations } from './tables.ts';
import { tagOperations } from './tags.ts';

const operations: Readonly<Record<string, TableOperation>> = {
  ...tableOperations,
  ...tagOperations,
  ...settingOperations,
  ...itemOperations,
};

export function createDynamoDbService(): RawService {
  // One engine a region, opened when the region is first used.
  const engines = new Map<string, Promise<Engine>>();
  const engineOf = (region: string) => {
    const engine = engines.get(region) ?? Engine.open();
    engines.set(region, engine);
    return engine;
  };
  return {
    name: 'dynamodb',
    serve: async (request, place) => await serve(request, place, engineOf),
    save: async () => await saveTables(engines),
    restore: async (saved) => {
      engines.clear();
      await restoreTables(saved as SavedTables, engineOf);
    },
    close: async () => engines.clear(),
  };
}

async function serve(
  request: RawRequest,
  place: Place,
  engineOf: (region: string) => Promise<Engine>,
): Promise<RawResponse> {
  try {
    const operation = operationOf(request);
    const input = readBody(request);
    return respond(200, await operation(input, { place, engine: await engineOf(place.region) }));
  } catch (error) {
    if (error instanceof ApiError) return respond(error.status, errorBody(error));
    throw error;
  }
}

function operationOf(request: RawRequest): TableOperation {
  const name = (request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
  const operation = operations[name];
  if (operation) return operation;
  throw new ApiError('NotImplemented', `the simulator does not serve dynamodb ${name}`, { status: 501 });
}

function readBody(request: RawRequest): Json {
  try {
    const input: unknown = JSON.parse(request.body.toString() || '{}');
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Json;
  } catch {
    // Falls through to the same answer as for JSON that is no structure.
  }
  throw new ApiError('SerializationException', '');
}

const errorBody = (error: ApiError): Json => ({
  __type: `${namespaceOf(error.code)}#${error.code}`,
  message: error.message,
  ...error.members,
});

const namespaceOf = (code: string) =>
  code === 'ValidationException' ? 'com.amazon.coral.validate' : 'com.amazonaws.dynamodb.v20120810';

// SDKs of other languages check the checksum of every answer.
function respond(status: number, answer: Json): RawResponse {
  const body = Buffer.from(JSON.stringify(answer));
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': String(crc32(body)) },
    body,
  };
}
