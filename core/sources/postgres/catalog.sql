-- name: tables
SELECT c.oid, c.relname AS name, n.nspname AS namespace, pg_table_is_visible(c.oid) AS visible,
       c.relkind IN ('v', 'm') AS is_view, c.reltuples::bigint AS estimate, obj_description(c.oid, 'pg_class') AS comment
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\_%'
  AND has_schema_privilege(n.oid, 'USAGE')
  AND has_any_column_privilege(c.oid, 'SELECT')
  AND NOT EXISTS (
      SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY n.nspname, c.relname

-- name: columns
SELECT a.attrelid AS oid, a.attnum AS number, a.attname AS name, a.attnotnull AS not_null,
       format_type(a.atttypid, a.atttypmod) AS native,
       coalesce(b.typname, t.typname) AS type_name, coalesce(b.typcategory, t.typcategory)::text AS category,
       col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_type AS b ON t.typtype = 'd' AND b.oid = t.typbasetype
WHERE a.attrelid = ANY ($1::oid[])
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
ORDER BY a.attrelid, a.attnum

-- name: keys
SELECT conrelid AS oid, contype::text AS kind, conkey AS columns, confrelid AS other, confkey AS other_columns
FROM pg_constraint
WHERE contype IN ('p', 'f') AND conrelid = ANY ($1::oid[])
ORDER BY conrelid, conname

-- name: unique
SELECT i.indrelid AS oid, i.indkey[0] AS number
FROM pg_index AS i
WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1
  AND i.indpred IS NULL AND i.indkey[0] > 0

-- name: statistics
SELECT format('%I.%I', schemaname, tablename)::regclass::oid AS oid, attname AS name,
       (most_common_vals::text::text[])[1:20] AS common, (histogram_bounds::text::text[])[1:20] AS bounds
FROM pg_stats
WHERE schemaname = ANY ($1::text[]) AND NOT inherited

-- name: rights
SELECT rolsuper AS superuser,
       pg_has_role('pg_read_server_files', 'MEMBER') OR pg_has_role('pg_write_server_files', 'MEMBER')
       OR pg_has_role('pg_execute_server_program', 'MEMBER') AS server_files
FROM pg_roles
WHERE rolname = current_user
