//! The schema as it is.

use tokio_postgres::{Error, Transaction};

use crate::schema_difference::Schema;

/// What is in a schema (an expression that names it), without that schema's own name. Functions that came with an extension,
/// such as pg_stat_statements, belong to whoever installed that.
pub(super) async fn schema_of(transaction: &Transaction<'_>, schema: &str) -> Result<Schema, Error> {
    let text = format!(
        "WITH here AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = {schema}), found AS (
            SELECT 'column' AS kind, relname::text || '.' || attname AS name,
                format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || ' '
                    || coalesce(pg_get_expr(adbin, adrelid), '') || ' ' || attidentity::text || ' '
                    || coalesce((SELECT collname::text FROM pg_collation WHERE oid = attcollation), '') AS made
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
            WHERE relnamespace = (SELECT oid FROM here) AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
            UNION ALL SELECT 'table', relname, coalesce(array_to_string(reloptions, ','), '') FROM pg_class
            WHERE relnamespace = (SELECT oid FROM here) AND relkind = 'r'
            UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = (SELECT oid FROM here)
            UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes
            WHERE schemaname = (SELECT nspname FROM here)
            UNION ALL SELECT 'trigger', relname || '.' || tgname, pg_get_triggerdef(pg_trigger.oid)
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE relnamespace = (SELECT oid FROM here) AND NOT tgisinternal
            UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
            WHERE pronamespace = (SELECT oid FROM here) AND NOT EXISTS (
                SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
            UNION ALL SELECT 'sequence', relname, '' FROM pg_class
            WHERE relnamespace = (SELECT oid FROM here) AND relkind = 'S')
        SELECT kind, replace(name, here.nspname || '.', ''), replace(made, here.nspname || '.', '') FROM found, here"
    );
    let rows = transaction.query_typed(&text, &[]).await?;
    Ok(rows.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect())
}
