-- allow: rows of an array beside its table
SELECT c.name, t.tag, t.n FROM customers AS c CROSS JOIN UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(tag, n) ORDER BY c.id, t.n

-- allow: literals of every type as they were written
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00.123456', DECIMAL '1.50', BIGINT '7', DOUBLE '1e3', INTERVAL '2' DAY

-- allow: casts keep their precision
SELECT CAST(total AS decimal(12, 4)), CAST(placed_at AS timestamp(3)), TRY_CAST(status AS integer) FROM orders ORDER BY id

-- allow: dates cut, counted and moved
SELECT date_trunc('month', placed_at) AS month, count(*) FROM orders WHERE placed_at >= TIMESTAMP '2024-01-06 00:00:00' AND placed_at < date_add('month', 2, TIMESTAMP '2024-01-01 00:00:00') GROUP BY 1 ORDER BY 1

-- allow: aggregates with filters, orders and sets
SELECT status, count(DISTINCT customer_id), count(*) FILTER (WHERE total > 50), array_agg(id ORDER BY id DESC), max_by(id, total) FROM orders GROUP BY GROUPING SETS ((status), ()) ORDER BY status, 2

-- allow: texts of a group in one
SELECT listagg(status, ',') WITHIN GROUP (ORDER BY id) FROM orders

-- allow: windows
SELECT id, row_number() OVER (PARTITION BY status ORDER BY total DESC), sum(total) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders ORDER BY id

-- allow: functions of functions
SELECT transform(ARRAY[1, 2, 3], x -> x * 2), filter(ARRAY[1, 2, 3], x -> x > 1), cardinality(ARRAY[1, 2])

-- allow: OFFSET before LIMIT
SELECT id FROM orders ORDER BY id OFFSET 1 ROWS LIMIT 2

-- allow: FETCH FIRST
SELECT id FROM orders ORDER BY total FETCH FIRST 2 ROWS ONLY

-- allow: IF, TRY and the like
SELECT if(total > 100, 'much', 'little'), coalesce(status, '?'), nullif(id, 1), greatest(id, 2) FROM orders ORDER BY id

-- allow: a recursive spine
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n

-- allow: a spine out of a sequence
SELECT x FROM UNNEST(sequence(1, 5)) AS t(x) ORDER BY x

-- allow: quantified comparisons and DISTINCT FROM
SELECT id FROM orders WHERE total >= ALL (SELECT total FROM orders WHERE total IS NOT NULL) OR customer_id IS DISTINCT FROM 1 ORDER BY id

-- allow: TABLE as a query
TABLE staff

-- deny unknown-function: SQL handed on to what is behind a catalogue
SELECT * FROM TABLE(lake.system.query(query => 'DELETE FROM orders'))

-- deny unknown-function: the same by the session's catalogue
SELECT * FROM TABLE(system.query(query => 'DELETE FROM orders'))

-- deny unknown-function: numbers without end
SELECT * FROM TABLE(sequence(start => 1, stop => 9000000000))

-- deny series: an array beyond all measure
SELECT sequence(1, 5000000000)

-- deny cross-join: short arrays that multiply
SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 10000)) AS b(y), UNNEST(sequence(1, 10000)) AS c(z)

-- deny size: a value repeated into rows
SELECT x FROM UNNEST(repeat(1, 1000000000)) AS t(x)

-- deny unknown-syntax: a function of one's own
WITH FUNCTION f() RETURNS integer RETURN 1 SELECT f()

-- deny unknown-syntax: the past of a table
SELECT * FROM orders FOR VERSION AS OF 3

-- deny unknown-syntax: patterns of rows
SELECT * FROM orders MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)

-- deny unreadable-table: what the cluster runs
SELECT * FROM system.runtime.queries

-- deny unreadable-table: what the catalogue holds
SELECT * FROM information_schema.tables

-- deny unreadable-table: another catalogue
SELECT * FROM hive.main.orders

-- deny unreadable-table: the files of a table
SELECT * FROM "orders$files"

-- deny unknown-column: the path of a row
SELECT "$path" FROM orders

-- deny session-information: who asks
SELECT current_user

-- deny unknown-function: who asks, and with whom
SELECT current_groups()

-- deny unknown-function: the server's version
SELECT version()

-- deny unknown-function: a language model asked for each row
SELECT ai_gen(name) FROM customers

-- deny qualified-function: a function of a catalogue
SELECT lake.tools.clean(name) FROM customers

-- deny not-a-query: a query in a text
EXECUTE IMMEDIATE 'DELETE FROM orders'

-- deny not-a-query: a procedure
CALL system.runtime.kill_query('x')

-- deny not-a-query: a setting
SET SESSION query_max_run_time = '10h'

-- deny one-statement: a second statement
SELECT 1; DELETE FROM orders

-- deny write: a writing query in WITH
WITH gone AS (DELETE FROM orders) SELECT * FROM gone

-- deny parameter: a place for a value
SELECT * FROM orders WHERE id = ?

-- deny recursion: no end in sight
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n

-- allow: ILIKE, which Trino has not, as it can be said there
SELECT name FROM customers WHERE name ILIKE '%AN%' AND NOT name ILIKE 'b%' ORDER BY id
