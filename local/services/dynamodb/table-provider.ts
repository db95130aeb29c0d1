import type { ResourceProvider } from '#local/kernel/service.ts';
import type { Parts } from './parts.ts';
import { readTable, type TableDefinition } from './table/table-definition.ts';

/** Makes the tables of one resource type and brings them up to date, keeping their items. */
export function tableProvider(type: string, parts: Parts): ResourceProvider {
  return {
    type,
    upsert(resource, cloud) {
      const definition = readTable(resource, cloud);
      const table = parts.cloud.database.transaction(() => {
        const saved = parts.tables.save(definition);
        if (saved.before && !sameRows(saved.before, definition)) parts.store.rebuild(saved.table);
        return saved.table;
      });
      return { ref: table.name, attributes: { Arn: table.arn, TableId: table.uuid } };
    },
    remove(ref) {
      const table = parts.tables.find(ref);
      if (!table || table.deletionProtection) return;
      parts.cloud.database.transaction(() => {
        parts.store.deleteTable(table);
        parts.tables.forget(table);
      });
    },
  };
}

/** Whether two definitions store the same rows: equal indexes and TTL attribute. */
const sameRows = (a: TableDefinition, b: TableDefinition): boolean =>
  JSON.stringify([a.indexes, a.ttlAttribute]) === JSON.stringify([b.indexes, b.ttlAttribute]);
