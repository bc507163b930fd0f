import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schemas = join(import.meta.dirname, '../../debug/schemas');
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
for (const name of readdirSync(schemas)) ajv.addSchema(schemaOf(name), name);

/** Fails unless `value` is what the command of this name promises to print as JSON. */
export function assertFits(command: string, value: unknown): void {
  const validate = ajv.getSchema(`${command}.json`);
  assert.ok(validate, `there is no debug/schemas/${command}.json`);
  assert.ok(validate(value), ajv.errorsText(validate.errors, { separator: '\n' }));
}

function schemaOf(name: string): object {
  const schema = JSON.parse(readFileSync(join(schemas, name), 'utf8')) as unknown;
  assert.ok(typeof schema === 'object' && schema !== null);
  return schema;
}
