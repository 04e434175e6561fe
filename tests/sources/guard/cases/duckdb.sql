-- allow: FROM alone
FROM customers

-- allow: FROM first, with everything after it
FROM orders o JOIN customers c ON c.id = o.customer_id SELECT c.country, sum(o.total) AS revenue WHERE o.status = 'paid' GROUP BY ALL ORDER BY revenue DESC NULLS LAST

-- allow: stars changed
SELECT * EXCLUDE (meta) REPLACE (upper(status) AS status) FROM orders ORDER BY id

-- allow: columns chosen by a pattern
SELECT min(COLUMNS('^(id|total)$')) FROM orders

-- allow: columns chosen by a lambda
SELECT COLUMNS(lambda c: c LIKE '%id') FROM orders ORDER BY id

-- allow: the first of each by QUALIFY
SELECT customer_id, id, total FROM orders QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY total DESC, id) = 1 ORDER BY 1

-- allow: a date spine
SELECT d::DATE AS day, count(o.id) FROM generate_series(DATE '2024-01-01', DATE '2024-01-10', INTERVAL 1 DAY) AS t(d) LEFT JOIN orders o ON o.placed_at::DATE = d::DATE GROUP BY 1 ORDER BY 1

-- allow: a range of numbers as rows and as a list
SELECT i, list_sum(range(i)) FROM range(1, 6) t(i) ORDER BY i

-- allow: a recursive spine
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n

-- allow: lists transformed, filtered, folded
SELECT id, list_transform(tags, lambda t: upper(t)), list_filter(tags, lambda t: t <> 'vip'), len(tags), tags[1], tags[1:2], list_contains(tags, 'new'), list_aggregate(tags, 'string_agg', '|') FROM customers ORDER BY id

-- allow: comprehensions
SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1] AS doubled

-- allow: structs and maps
SELECT {'a': 1, 'b': {'c': 'x'}} AS s, struct_pack(k := 1).k, map {'k': 1}['k'], map_keys(map([1, 2], ['a', 'b'])), row(1, 2), unnest([1])

-- allow: lists opened up
SELECT name, unnest(tags) AS tag FROM customers ORDER BY name, tag

-- allow: lists opened up in FROM
SELECT c.name, t.tag FROM customers c, unnest(c.tags) AS t(tag) ORDER BY ALL

-- allow: JSON by arrows and by functions
SELECT id, meta ->> '$.channel', meta -> 'items' -> 0 ->> 'sku', json_extract_string(meta, '$.items[0].sku'), json_array_length(meta, '$.items'), CAST(meta ->> 'score' AS DOUBLE) FROM orders ORDER BY id

-- allow: an arrow compared
SELECT count(*) FROM orders WHERE (meta ->> 'channel') = 'web'

-- allow: JSON expanded
SELECT o.id, j.value ->> 'sku' FROM orders o, json_each(o.meta, '$.items') j ORDER BY 1, 2

-- allow: a pivot in FROM
SELECT * FROM (PIVOT (SELECT customer_id, status, total FROM orders) ON status IN ('new', 'paid') USING sum(total) GROUP BY customer_id) ORDER BY customer_id

-- allow: a pivot as the statement
PIVOT (SELECT customer_id, status, total FROM orders) ON status USING sum(total)

-- allow: the standard pivot
SELECT * FROM (SELECT customer_id, status, total FROM orders) PIVOT (sum(total) FOR status IN ('new', 'paid')) ORDER BY customer_id

-- allow: an unpivot
UNPIVOT (SELECT id, customer_id FROM orders) ON id, customer_id INTO NAME what VALUE amount

-- allow: an ASOF join
SELECT a.id, b.id FROM orders a ASOF LEFT JOIN orders b ON a.customer_id = b.customer_id AND a.placed_at > b.placed_at ORDER BY a.id

-- allow: positional, semi and anti joins
SELECT name FROM customers SEMI JOIN orders ON orders.customer_id = customers.id ORDER BY name

-- allow: those without any
SELECT name FROM customers ANTI JOIN orders ON orders.customer_id = customers.id ORDER BY name

-- allow: two lists side by side
SELECT a.id, b.id FROM customers a POSITIONAL JOIN staff b ORDER BY a.id

-- allow: union by name
SELECT id, name FROM customers UNION ALL BY NAME SELECT name, boss_id FROM staff ORDER BY ALL

-- allow: statistics
SELECT status, median(total), mad(total), quantile_cont(total, [0.25, 0.75]), approx_count_distinct(id), arg_max(id, total), mode(status), histogram(status), any_value(status), first(id ORDER BY id), list(id ORDER BY id DESC), count_if(total > 50), kurtosis(total), string_agg(id::VARCHAR, ',' ORDER BY id) FROM orders GROUP BY status ORDER BY status

-- allow: dates
SELECT date_trunc('month', placed_at), date_diff('day', placed_at, DATE '2024-03-01'), strftime(placed_at, '%Y-%m'), placed_at + INTERVAL 1 MONTH, placed_at - INTERVAL '2 days', extract('isodow' FROM placed_at), year(placed_at), last_day(placed_at), dayname(placed_at), time_bucket(INTERVAL '1 week', placed_at), epoch(placed_at), make_date(2024, 1, 2) FROM orders ORDER BY ALL

-- allow: friendly syntax
SELECT total AS t, t * 2 AS tt, revenue: total + 1, FROM orders WHERE t > 20 ORDER BY ALL

-- allow: functions after a dot
SELECT name.upper().replace('A', 'x'), tags.len() FROM customers ORDER BY ALL

-- allow: operators of its own
SELECT 7 // 2, 7 / 2, 2 ** 3, 2 ^ 3, 7 % 3, 5 & 3, 1 << 4, 'a' || 'b', 'abc' ^@ 'ab', 'abc' SIMILAR TO 'a.c', 'abc' ~ 'b', 'ABC' ILIKE 'a%', 'abc' GLOB 'a*', -5 // 2, 1_000

-- allow: casts
SELECT '12'::INT, TRY_CAST('x' AS INT), CAST('1.5' AS DECIMAL(4, 2)), '1.239'::DECIMAL, '[1,2]'::INT[], {'a': 1}::STRUCT(a BIGINT), '2024-01-01'::TIMESTAMP, 'a'::VARCHAR, 1::BOOLEAN, '00:01'::TIME, 5::UTINYINT, 'x'::ENUM('x', 'y')

-- allow: grouping
SELECT country, status, count(*), grouping_id(country, status) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY CUBE (country, status) ORDER BY ALL

-- allow: windows
SELECT id, sum(total) OVER (ORDER BY placed_at RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW), lag(total IGNORE NULLS) OVER (ORDER BY id), nth_value(id, 2) OVER (ORDER BY id), percent_rank() OVER (ORDER BY total) FROM orders ORDER BY id

-- allow: sampling
SELECT count(*) > 0 FROM (SELECT * FROM orders USING SAMPLE 100 PERCENT (bernoulli))

-- allow: a share of the rows
SELECT id FROM orders ORDER BY id LIMIT 50%

-- allow: names in any case and in quotes
SELECT "Line No", "QTY" FROM "order lines" ORDER BY 1

-- allow: the schema said out loud
SELECT main.customers.name FROM main.customers ORDER BY 1

-- allow: whole rows as structs
SELECT c.name, c FROM customers c WHERE c.country = 'DE' ORDER BY 1

-- allow: VALUES
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, t) ORDER BY n

-- allow: row numbers of the table
SELECT rowid, id FROM customers ORDER BY rowid

-- allow: EXISTS with a lateral join
SELECT c.id, x.n FROM customers c, LATERAL (SELECT count(*) AS n FROM orders o WHERE o.customer_id = c.id) x WHERE EXISTS (FROM orders) ORDER BY 1

-- allow: text that looks like code
SELECT 'COPY x TO y', E'a\tb', $$PRAGMA x$$ -- ATTACH

-- deny not-a-query: a database attached
ATTACH 'x.db' AS x

-- deny not-a-query: a described table
DESCRIBE customers

-- deny not-a-query: a summary
SUMMARIZE customers

-- deny not-a-query: a macro
CREATE MACRO f(x) AS x + 1

-- deny not-a-query: a call
CALL pragma_version()

-- deny unknown-syntax: a summary in FROM
SELECT * FROM (SUMMARIZE customers)

-- deny unknown-syntax: a description in FROM
SELECT * FROM (DESCRIBE customers)

-- deny unreadable-table: a list of tables in FROM
SELECT * FROM (SHOW TABLES)

-- deny unreadable-table: a file in quotes
SELECT * FROM 'data.parquet'

-- deny unreadable-table: a file in double quotes
SELECT * FROM "/etc/passwd"

-- deny unreadable-table: a Python variable
SELECT * FROM df

-- deny unreadable-table: a file's name as table and column
FROM "x.csv" SELECT count(*)

-- deny unknown-function: files
SELECT * FROM read_csv('/etc/passwd', sep = ':')

-- deny unknown-function: files, in an expression
SELECT (SELECT count(*) FROM parquet_scan('x'))

-- deny unknown-function: files, under a WITH
WITH f AS MATERIALIZED (FROM read_blob('/etc/*')) SELECT * FROM f

-- deny unknown-function: files after a dot
SELECT 'x'.read_text()

-- deny unknown-function: files in a lambda
SELECT list_transform(['a'], lambda p: getenv(p))

-- deny unknown-function: files in a comprehension
SELECT [getenv(x) FOR x IN ['HOME']]

-- deny unknown-function: files in a pivot
PIVOT (FROM glob('*')) ON file USING count(*)

-- deny unknown-function: in a struct
SELECT {'a': getenv('HOME')}

-- deny unknown-function: in REPLACE of a star
SELECT * REPLACE (getenv('HOME') AS name) FROM customers

-- deny unknown-function: a table named by a text
SELECT * FROM histogram('secrets', x)

-- deny unknown-function: settings
SELECT getvariable('x')

-- deny unknown-function: catalogue functions
SELECT * FROM duckdb_tables()

-- deny unreadable-table: catalogue views
SELECT * FROM pg_catalog.pg_tables

-- deny unreadable-table: information schema
FROM information_schema.columns

-- deny unknown-function: waiting
SELECT sleep_ms(10000)

-- deny unknown-function: log lines
SELECT write_log('x')

-- deny unknown-function: by catalogue and schema
SELECT system.main.getenv('HOME')

-- deny series: a long list
SELECT unnest(range(1000000000))

-- deny series: a long series
FROM generate_series(1, 10000000000)

-- deny size: a long text
SELECT repeat('x', 1e10::BIGINT)

-- deny recursion: endless
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT * FROM t LIMIT 3

-- deny parameter: numbered
SELECT * FROM customers WHERE id = $1

-- deny parameter: a question mark
SELECT * FROM customers WHERE id = ?
