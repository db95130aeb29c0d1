import { randomUUID } from 'node:crypto';
import { AwsError, notServed } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import { invalid } from '../validation.ts';
import { keyAttributes, type IndexDefinition, type TableDefinition } from './table-definition.ts';

/** A table that exists. */
export interface Table extends TableDefinition {
  /** The number by which rows refer to it. */
  readonly id: number;
  readonly uuid: string;
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The tables of the account, kept in SQLite and in memory. */
export class Tables {
  readonly #cloud: Cloud;
  readonly #byName = new Map<string, Table>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    cloud.database.define(`CREATE TABLE IF NOT EXISTS dynamodb_tables (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, uuid TEXT NOT NULL,
      created_at INTEGER NOT NULL, definition TEXT NOT NULL)`);
    for (const row of cloud.database.all<Row>('SELECT * FROM dynamodb_tables')) this.#keep(row);
  }

  /** In order of name. */
  get all(): readonly Table[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param nameOrArn as the API takes either */
  find(nameOrArn: unknown): Table | undefined {
    return this.#byName.get(tableName(nameOrArn));
  }

  /** @throws AwsError ResourceNotFoundException */
  require(nameOrArn: unknown): Table {
    const table = this.find(nameOrArn);
    if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
    return table;
  }

  arnOf(nameOrArn: unknown): string {
    return this.#cloud.arn('dynamodb', `table/${tableName(nameOrArn)}`);
  }

  /**
   * Makes a table or brings it up to date; its items stay.
   *
   * @returns the table, and how it was before
   * @throws AwsError when the key schema changes, for which CloudFormation would replace the table
   */
  save(definition: TableDefinition): { table: Table; before: Table | undefined } {
    const before = this.#byName.get(definition.name);
    if (before && schemaText(before) !== schemaText(definition)) {
      throw notServed(
        `a change of the key schema of the table ${definition.name}, which replaces it`,
      );
    }
    this.#cloud.database.run(
      `INSERT INTO dynamodb_tables (name, uuid, created_at, definition) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET definition = excluded.definition`,
      definition.name,
      randomUUID(),
      this.#cloud.now(),
      JSON.stringify(definition),
    );
    const row = this.#cloud.database.get<Row>(
      'SELECT * FROM dynamodb_tables WHERE name = ?',
      definition.name,
    );
    return { table: this.#keep(row as Row), before };
  }

  forget(table: Table): void {
    this.#cloud.database.run('DELETE FROM dynamodb_tables WHERE id = ?', table.id);
    this.#byName.delete(table.name);
  }

  #keep(row: Row): Table {
    const table: Table = {
      ...(JSON.parse(row.definition) as TableDefinition),
      id: row.id,
      uuid: row.uuid,
      arn: this.arnOf(row.name),
      createdAt: row.created_at,
    };
    this.#byName.set(table.name, table);
    return table;
  }
}

/** @throws AwsError ValidationException when the table has no such index */
export function requireIndex(table: Table, name: string): IndexDefinition {
  const index = table.indexes.find((candidate) => candidate.name === name);
  if (!index) throw invalid(`The table does not have the specified index: ${name}`);
  return index;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
  readonly created_at: number;
  readonly definition: string;
}

function tableName(nameOrArn: unknown): string {
  if (typeof nameOrArn !== 'string') {
    throw invalid("The parameter 'TableName' is required but was not present in the request");
  }
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
}

const schemaText = (definition: TableDefinition): string =>
  keyAttributes(definition)
    .map(({ name, type }) => `${name} ${type}`)
    .join(', ');
