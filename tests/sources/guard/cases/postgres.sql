-- allow: dates in months, filled with a spine
WITH months AS (SELECT generate_series(DATE '2024-01-01', DATE '2024-06-01', INTERVAL '1 month')::date AS month)
SELECT m.month, coalesce(sum(o.total), 0) AS revenue FROM months m
LEFT JOIN orders o ON date_trunc('month', o.placed_at)::date = m.month GROUP BY m.month ORDER BY m.month

-- allow: a spine between what the data holds
SELECT d::date AS day, count(o.id) FROM generate_series((SELECT min(placed_at)::date FROM orders), (SELECT max(placed_at)::date FROM orders), '1 day') AS d LEFT JOIN orders o ON o.placed_at::date = d::date GROUP BY 1 ORDER BY 1 LIMIT 40

-- allow: the newest row of each group
SELECT DISTINCT ON (customer_id) customer_id, id, total FROM orders ORDER BY customer_id, placed_at DESC, id

-- allow: filtered aggregates
SELECT count(*) AS n, count(*) FILTER (WHERE status = 'paid') AS paid, avg(total) FILTER (WHERE total > 50)::numeric(10,2) AS big FROM orders

-- allow: subtotals
SELECT country, status, sum(total) AS s, grouping(country, status) AS g FROM orders JOIN customers ON customers.id = orders.customer_id GROUP BY GROUPING SETS ((country, status), (country), ()) ORDER BY country NULLS LAST, status NULLS LAST, g

-- allow: rollup and cube together
SELECT country, status, count(*) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY ROLLUP (country), CUBE (status) ORDER BY 1, 2, 3

-- allow: a moving average over named windows
SELECT id, total, avg(total) OVER w AS moving, sum(total) OVER (w2 ROWS UNBOUNDED PRECEDING) AS running FROM orders WINDOW w AS (ORDER BY placed_at ROWS BETWEEN 2 PRECEDING AND CURRENT ROW), w2 AS (ORDER BY id) ORDER BY id

-- allow: frames by range, with exclusion
SELECT id, sum(total) OVER (ORDER BY placed_at RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) AS week FROM orders ORDER BY id

-- allow: change against the row before
SELECT month, revenue, revenue - lag(revenue) OVER (ORDER BY month) AS change, round(100.0 * revenue / nullif(sum(revenue) OVER (), 0), 1) AS share FROM (SELECT to_char(placed_at, 'YYYY-MM') AS month, sum(total) AS revenue FROM orders GROUP BY 1) t ORDER BY month

-- allow: the best of each, by a lateral join
SELECT c.name, best.id, best.total FROM customers c LEFT JOIN LATERAL (SELECT o.id, o.total FROM orders o WHERE o.customer_id = c.id ORDER BY o.total DESC NULLS LAST LIMIT 2) best ON true ORDER BY c.name, best.id

-- allow: arrays opened up
SELECT name, tag, n FROM customers, unnest(tags) WITH ORDINALITY AS t(tag, n) ORDER BY name, n

-- allow: arrays compared, sliced, built
SELECT id, tags[1], tags[1:2], array_length(tags, 1), 'new' = ANY (tags), tags @> ARRAY['new'], tags && ARRAY['vip', 'x'], cardinality(tags), array_to_string(tags, '+') FROM customers ORDER BY id

-- allow: JSON read in every way
SELECT id, meta ->> 'channel', meta -> 'items' -> 0 ->> 'sku', meta #>> '{items,0,sku}', meta ? 'vip', meta ?| array['vip', 'x'], meta @> '{"channel": "web"}', jsonb_typeof(meta -> 'items'), (meta ->> 'score')::numeric * 2 FROM orders ORDER BY id

-- allow: JSON rows expanded
SELECT o.id, i ->> 'sku' AS sku, (i ->> 'n')::int AS n FROM orders o CROSS JOIN jsonb_array_elements(o.meta -> 'items') AS i ORDER BY 1, 2

-- allow: JSON records with a declared shape
SELECT o.id, r.sku, r.n FROM orders o, jsonb_to_recordset(o.meta -> 'items') AS r(sku text, n int) ORDER BY 1, 2

-- allow: JSON paths
SELECT id, jsonb_path_query_first(meta, '$.items[*].sku ? (@ starts with "a")') FROM orders ORDER BY id

-- allow: JSON built
SELECT jsonb_build_object('status', status, 'ids', jsonb_agg(id ORDER BY id)) FROM orders GROUP BY status ORDER BY status

-- allow: texts joined in order, once each
SELECT string_agg(DISTINCT country, ', ' ORDER BY country), array_agg(name ORDER BY name DESC) FROM customers

-- allow: percentiles, mode and correlation
SELECT percentile_cont(ARRAY[0.25, 0.5, 0.9]) WITHIN GROUP (ORDER BY total), percentile_disc(0.5) WITHIN GROUP (ORDER BY total), mode() WITHIN GROUP (ORDER BY status), stddev_samp(total), corr(total, id), regr_slope(total, id) FROM orders

-- allow: patterns
SELECT name FROM customers WHERE name ILIKE 'a%' OR name ~ '^[B-D]' OR name !~* 'z$' OR name SIMILAR TO '%(nn|o)%' OR name NOT LIKE '\_%' ESCAPE '\' ORDER BY name

-- allow: parts of dates
SELECT id, extract(year FROM placed_at), extract(dow FROM placed_at)::int, date_part('week', placed_at), to_char(placed_at, 'FMDay DD "of" Month'), placed_at::date + 7, placed_at AT TIME ZONE 'UTC', age(timestamp '2024-03-01', placed_at) FROM orders ORDER BY id

-- allow: date arithmetic against today
SELECT count(*) FROM orders WHERE placed_at >= date_trunc('month', now()) - INTERVAL '12 months' AND placed_at < CURRENT_DATE + 1

-- allow: intervals of all sorts
SELECT INTERVAL '1 year 2 months 3 days', INTERVAL '3' DAY, interval '1-2' year to month, make_interval(days => 3), justify_days(interval '40 days'), '36 hours'::interval

-- allow: overlapping periods
SELECT (DATE '2024-01-01', DATE '2024-02-01') OVERLAPS (DATE '2024-01-15', DATE '2024-03-01')

-- allow: text functions of the grammar
SELECT substring(name FROM 2 FOR 3), substring(name FROM '^.'), trim(BOTH 'a' FROM lower(name)), position('n' IN name), overlay(name PLACING 'xx' FROM 1 FOR 2), initcap(name), left(name, 2) || right(name, 1), split_part(name, ' ', 1), format('%s-%s', id, name) FROM customers ORDER BY id

-- allow: CASE in both forms, COALESCE and NULLIF
SELECT CASE status WHEN 'paid' THEN 1 WHEN 'new' THEN 2 ELSE 0 END, CASE WHEN total >= 100 THEN 'L' WHEN total >= 50 THEN 'M' END, coalesce(nullif(status, ''), '?'), greatest(total, 50), least(total, 50) FROM orders ORDER BY id

-- allow: rows compared
SELECT id FROM orders WHERE (customer_id, status) IN (SELECT customer_id, status FROM orders WHERE total > 50) AND (id, total) > (0, 1) ORDER BY id

-- allow: set operations in brackets
(SELECT id FROM customers ORDER BY id LIMIT 2) UNION ALL (SELECT customer_id FROM orders EXCEPT SELECT 9) ORDER BY 1 LIMIT 5

-- allow: intersect binds tighter
SELECT id FROM customers UNION SELECT id FROM orders INTERSECT SELECT 3 ORDER BY 1

-- allow: VALUES as a table
SELECT v.label, count(o.id) FROM (VALUES (0, 50, 'small'), (50, 1000, 'large')) AS v(lo, hi, label) LEFT JOIN orders o ON o.total >= v.lo AND o.total < v.hi GROUP BY v.label ORDER BY 1

-- allow: VALUES alone
VALUES (1, 'a'), (2, 'b')

-- allow: the short form of a select
TABLE customers

-- allow: a recursive hierarchy with its path
WITH RECURSIVE chain(id, name, depth, path) AS (SELECT id, name, 1, name::text FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, s.name, c.depth + 1, c.path || '>' || s.name FROM staff s JOIN chain c ON s.boss_id = c.id WHERE c.depth < 10) SELECT * FROM chain ORDER BY path

-- allow: a recursive date spine
WITH RECURSIVE days AS (SELECT DATE '2024-01-01' AS d UNION ALL SELECT (d + INTERVAL '1 day')::date FROM days WHERE d < DATE '2024-01-10') SELECT count(*), max(d) FROM days

-- allow: counting up and down
WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 20), down(n) AS (SELECT 20 UNION ALL SELECT n - 1 FROM down WHERE n > 1) SELECT (SELECT sum(n) FROM up), (SELECT count(*) FROM down)

-- allow: a WITH that is said to be computed once
WITH big AS MATERIALIZED (SELECT * FROM orders WHERE total > 50), few AS NOT MATERIALIZED (SELECT id FROM customers) SELECT count(*) FROM big JOIN few ON few.id = big.customer_id

-- allow: a WITH inside a subquery, shadowing a table
SELECT (WITH orders AS (SELECT 1 AS id UNION ALL SELECT 2) SELECT count(*) FROM orders), count(*) FROM orders

-- allow: correlated in several places
SELECT c.name, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) AS most FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.total > ALL (SELECT avg(total) - 100 FROM orders)) ORDER BY 1

-- allow: anti-join and semi-join by hand
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE customer_id IS NOT NULL) OR NOT EXISTS (SELECT FROM orders WHERE customer_id = customers.id)

-- allow: all kinds of joins
SELECT c.id, o.id, s.id FROM customers c FULL OUTER JOIN orders o ON o.customer_id = c.id CROSS JOIN (SELECT min(id) AS id FROM staff) s ORDER BY 1, 2

-- allow: joined brackets
SELECT count(*) FROM customers c JOIN (orders o JOIN "Order Lines" l ON l."order" = o.id) ON o.customer_id = c.id

-- allow: natural join and using
SELECT count(*) FROM (SELECT id FROM customers) a NATURAL JOIN (SELECT id FROM orders) b JOIN staff USING (id)

-- allow: names with blanks, quotes, capitals, and words of the grammar
SELECT "line no", "Qty", "weird ""name", "select" AS "from" FROM "Order Lines" AS "where ever" WHERE "where ever"."Qty" > 1 ORDER BY "line no"

-- allow: names in any case
SELECT Id, NAME FROM Customers WHERE CUSTOMERS.Id > 1 ORDER BY iD

-- allow: names in other scripts
SELECT name AS "größe ☀", id AS 数 FROM customers ORDER BY id

-- allow: the default schema said out loud
SELECT public.customers.name, customers.id FROM public.customers ORDER BY public.customers.id

-- allow: sampling
SELECT count(*) >= 0 FROM orders TABLESAMPLE SYSTEM (50) REPEATABLE (7)

-- allow: limit by FETCH
SELECT id FROM orders ORDER BY id OFFSET 1 ROW FETCH NEXT 2 ROWS ONLY

-- allow: FETCH WITH TIES
SELECT status FROM orders ORDER BY status FETCH FIRST 1 ROW WITH TIES

-- allow: LIMIT ALL, and none
SELECT id FROM orders ORDER BY id LIMIT ALL OFFSET 1

-- allow: LIMIT from a query
SELECT id FROM orders ORDER BY id LIMIT (SELECT count(*) / 2 FROM orders)

-- allow: text that looks like code
SELECT 'x; DROP TABLE orders; --', E'it\'s\n', $$DELETE FROM orders$$, $q$'$q$, 'a''b', U&'\0041', 'one'
'two' /* DELETE */ -- INSERT

-- allow: numbers in all spellings
SELECT 1e3, .5, 2., 0x1F, 1_000, -(-3), - 5 % 3, 2 ^ 3, 7 / 2, 7 / 2.0, |/ 16, 5 # 1, ~ 1, 1 << 3, B'101'::int

-- allow: casts in both spellings
SELECT '12'::int + CAST('3' AS bigint), 1::text || 'x', '2024-01-01'::timestamptz IS NOT NULL, '{1,2}'::int[], 'abc'::varchar(2), 1.5::numeric(4,1), 't'::boolean, '1'::double precision, TRUE::int

-- allow: NULLs compared
SELECT 1 IS DISTINCT FROM NULL, NULL IS NOT DISTINCT FROM NULL, NULL::int IS NULL, (NULL = 1) IS UNKNOWN, TRUE IS NOT FALSE, ROW(1, NULL) IS NOT NULL, 3 BETWEEN SYMMETRIC 5 AND 1

-- allow: text search
SELECT count(*) FROM customers WHERE to_tsvector('english', name) @@ plainto_tsquery('english', 'ann')

-- allow: buckets
SELECT width_bucket(total, 0, 200, 4) AS bucket, count(*), min(total), max(total) FROM orders GROUP BY bucket ORDER BY bucket

-- allow: a crosstab by hand
SELECT customer_id, sum(CASE WHEN status = 'paid' THEN total ELSE 0 END) AS paid, sum(total) FILTER (WHERE status = 'new') AS new FROM orders GROUP BY customer_id HAVING count(*) >= 1 ORDER BY customer_id

-- allow: powers of two by recursion
WITH RECURSIVE p(n) AS (SELECT 1 UNION ALL SELECT n * 2 FROM p WHERE n < 1000) SELECT n FROM p

-- allow: a spine to the last date there is
WITH RECURSIVE d AS (SELECT min(placed_at)::date AS d FROM orders UNION ALL SELECT (d + interval '1 month')::date FROM d WHERE d < (SELECT max(placed_at) FROM orders)) SELECT * FROM d

-- allow: arrays from queries, and comparisons with all of them
SELECT ARRAY(SELECT id FROM orders ORDER BY id), 3 <> ALL (ARRAY[1, 2]), '[1,2]'::jsonb @? '$[*] ? (@ > 1)', '[1]'::jsonb @@ '$[0] == 1'

-- allow: a series for every row
SELECT c.id, g FROM customers c CROSS JOIN LATERAL generate_series(1, c.id) AS g ORDER BY 1, 2

-- allow: whole rows
SELECT to_jsonb(c) ->> 'name', count(c) OVER () FROM customers c ORDER BY 1

-- allow: an unused semicolon
SELECT 1 AS one;

-- deny locking-clause: rows locked
SELECT * FROM customers FOR NO KEY UPDATE SKIP LOCKED

-- deny locking-clause: rows locked in a subquery
SELECT (SELECT max(id) FROM (SELECT id FROM orders FOR SHARE) x)

-- deny select-into: a table made by SELECT
SELECT * INTO copy_of_customers FROM customers

-- deny write: an update deep inside
SELECT * FROM (SELECT 1 AS a) x WHERE a IN (WITH u AS (UPDATE orders SET total = 0 RETURNING id) SELECT id FROM u)

-- deny write: a merge inside
WITH m AS (MERGE INTO orders o USING customers c ON c.id = o.customer_id WHEN MATCHED THEN DELETE RETURNING o.id) SELECT * FROM m

-- deny one-statement: hidden after a comment
SELECT 1 /* ; */ ; -- harmless
TRUNCATE orders

-- deny not-a-query: a prepared statement
PREPARE p AS SELECT 1

-- deny not-a-query: a cursor
DECLARE c CURSOR FOR SELECT 1

-- deny not-a-query: an explained query
EXPLAIN SELECT * FROM customers

-- deny not-a-query: a program's output
COPY customers TO PROGRAM 'sh -c id'

-- deny not-a-query: a notification
NOTIFY ch, 'x'

-- deny unknown-function: the server's files
SELECT pg_ls_dir('/')

-- deny unknown-function: in ORDER BY
SELECT id FROM orders ORDER BY pg_sleep(1)

-- deny unknown-function: in a window
SELECT sum(total) OVER (PARTITION BY pg_sleep(1)) FROM orders

-- deny unknown-function: in a frame bound
SELECT sum(total) OVER (ORDER BY id ROWS lo_import('/etc/passwd')::int PRECEDING) FROM orders

-- deny unknown-function: in FILTER
SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM orders

-- deny unknown-function: in OFFSET
SELECT id FROM orders OFFSET (SELECT nextval('s'))

-- deny unknown-function: in a VALUES list in a join condition
SELECT 1 FROM orders o JOIN customers c ON (c.id, 1) IN (VALUES (1, length(pg_read_file('/etc/passwd'))))

-- deny unknown-function: in an array, in a row, in a CASE
SELECT CASE WHEN (1, ARRAY[pg_sleep(1)]) IS NULL THEN 1 END

-- deny unknown-function: as a table with a lateral word before it
SELECT * FROM customers c, LATERAL pg_ls_dir(c.name) f

-- deny unknown-function: in ROWS FROM
SELECT * FROM ROWS FROM (generate_series(1, 2), pg_ls_dir('/')) AS t

-- deny qualified-function: with its schema
SELECT pg_catalog.pg_sleep(1)

-- deny qualified-function: a harmless name in an unknown schema
SELECT app.upper('x')

-- deny unknown-function: a quoted name is another name
SELECT "Upper"('x')

-- deny unknown-function: unicode spelling of a name
SELECT U&"\0070g_sleep"(1)

-- deny unknown-function: the session
SELECT current_setting('data_directory')

-- deny session-information: who is connected
SELECT current_user

-- deny session-information: who is connected, as a default
SELECT coalesce(name, session_user) FROM customers

-- deny unknown-column: who is connected, in a word that no parser knows
SELECT system_user

-- deny unknown-function: a role test
SELECT has_table_privilege('pg_authid', 'select')

-- deny unknown-function: sizes of what is not readable
SELECT pg_total_relation_size('pg_authid')

-- deny catalog-type: names looked up in the catalogue
SELECT 'pg_authid'::regclass

-- deny catalog-type: the same, as a quoted type
SELECT 'pg_authid'::"regclass"

-- deny catalog-type: the same, qualified
SELECT CAST('pg_authid' AS pg_catalog.regclass)

-- deny qualified-operator: an operator by its schema
SELECT 1 OPERATOR(pg_catalog.+) 2

-- deny unreadable-table: the catalogue
SELECT * FROM information_schema.tables

-- deny unreadable-table: the catalogue without its schema
SELECT relname FROM pg_class

-- deny unreadable-table: short form
TABLE pg_authid

-- deny unreadable-table: a WITH name does not leave its brackets
SELECT * FROM (WITH secrets AS (SELECT 1) SELECT * FROM secrets) x JOIN secrets ON true

-- deny unreadable-table: a WITH name is not yet there
WITH a AS (SELECT * FROM secrets), secrets AS (SELECT 1) SELECT * FROM a

-- deny unreadable-table: a WITH does not see itself
WITH secrets AS (SELECT * FROM secrets) SELECT * FROM secrets

-- deny unreadable-table: a qualified name is no WITH name
WITH pg_class AS (SELECT 1) SELECT * FROM pg_catalog.pg_class

-- deny unreadable-table: another schema's table of the same name
SELECT * FROM other.customers

-- deny unreadable-table: another database
SELECT * FROM db.public.customers

-- deny unreadable-table: a quoted name in another case
SELECT * FROM "Customers"

-- deny unknown-column: hidden system columns
SELECT ctid, xmin FROM orders

-- deny parameter: a placeholder
SELECT * FROM customers WHERE id = $1

-- deny series: a long series in the select list
SELECT generate_series(1, 10000000)

-- deny series: arithmetic hides the size
SELECT count(*) FROM generate_series(1, 1000 * 1000 * 1000)

-- deny series: a cast hides the size
SELECT count(*) FROM generate_series(1, '1000000000000'::bigint)

-- deny series: a query without tables hides the size
SELECT count(*) FROM generate_series(1, (SELECT 100000000000))

-- deny series: no step
SELECT count(*) FROM generate_series(1, 10, 0)

-- deny series: seconds over centuries
SELECT count(*) FROM generate_series(timestamp '1900-01-01', timestamp '2100-01-01', interval '1 second')

-- deny series: microseconds until now
SELECT count(*) FROM generate_series(now() - interval '1 year', now(), interval '1 microsecond')

-- deny size: a text of 2 GB
SELECT repeat('x', 2000000000)

-- deny size: texts of texts
SELECT length(repeat(repeat('x', 100000), 100000))

-- deny size: padded
SELECT lpad('x', 1000000000, 'y')

-- deny size: a big factor of a column
SELECT repeat('x', id * 100000000) FROM customers

-- deny size: a wide format
SELECT format('%1000000000s', 'x')

-- deny size: a big array
SELECT array_fill(0, ARRAY[100000, 100000])

-- deny recursion: without a condition
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t

-- deny recursion: a condition that is always true
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE 1 = 1) SELECT * FROM t

-- deny recursion: the bound is on the wrong side
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n > 0) SELECT * FROM t

-- deny recursion: the bound is too far
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 99999999999) SELECT * FROM t

-- deny recursion: the bound is on a column that stays
WITH RECURSIVE t(n, m) AS (SELECT 1, 1 UNION ALL SELECT n + 1, m FROM t WHERE m < 5) SELECT * FROM t

-- deny recursion: doubled at every step
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT t.n + 1 FROM t CROSS JOIN (VALUES (1), (2)) v(x) WHERE t.n < 60) SELECT count(*) FROM t

-- deny recursion: a product on the wrong side
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n * 2 FROM t WHERE n > -5) SELECT n FROM t

-- deny recursion: it turns in a circle
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT (n + 1) % 10 FROM t WHERE n < 100) SELECT n FROM t

-- deny recursion: a join that ties a table to itself
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT t.n + 1 FROM t JOIN orders o ON o.id = o.id) SELECT n FROM t

-- deny recursion: a way around the bound
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5 OR 1 = 1) SELECT * FROM t

-- deny cross-join: everything with everything
SELECT count(*) FROM orders a, orders b, orders c, orders d

-- deny cross-join: a condition that ties nothing
SELECT count(*) FROM orders a JOIN orders b ON true JOIN orders c ON 1 = 1

-- deny cross-join: two long series
SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b

-- deny control-character: a byte that ends strings elsewhere
SELECT 'ab'

-- deny syntax: no end to a string
SELECT 'abc

-- deny empty: only a comment
-- SELECT 1
