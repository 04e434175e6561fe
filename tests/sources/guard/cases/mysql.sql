-- allow: months
SELECT DATE_FORMAT(placed_at, '%Y-%m') AS month, SUM(total) AS revenue FROM orders GROUP BY month ORDER BY month

-- allow: dates added, subtracted, compared
SELECT id, DATE_ADD(placed_at, INTERVAL 1 MONTH), placed_at - INTERVAL 7 DAY, DATEDIFF('2024-03-01', placed_at), TIMESTAMPDIFF(MONTH, placed_at, '2024-12-31'), DATE_SUB(placed_at, INTERVAL '1:30' HOUR_MINUTE), LAST_DAY(placed_at), DAYOFWEEK(placed_at), YEARWEEK(placed_at, 3), MONTHNAME(placed_at), TIMESTAMPADD(WEEK, 1, placed_at), EXTRACT(YEAR_MONTH FROM placed_at), UNIX_TIMESTAMP(placed_at) > 0, STR_TO_DATE('05,1,2024', '%d,%m,%Y'), QUARTER(placed_at) FROM orders ORDER BY id

-- allow: since last year
SELECT COUNT(*) FROM orders WHERE placed_at >= CURDATE() - INTERVAL 12 MONTH AND placed_at < NOW() AND YEAR(placed_at) <= YEAR(CURRENT_DATE)

-- allow: literals with a type
SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00', TIME '10:00:00', X'4142', 0x41, b'101' + 0, _utf8mb4'x', 1e3, .5, TRUE, NULL

-- allow: texts in either quotes, with escapes
SELECT 'it''s', 'it\'s', "double", "say ""hi""", 'tab\there', 'back\\slash', 'a' 'b', '100\%', 'nul: \0', '/* not a comment */', '-- neither', '/*! not executable: a text */'

-- allow: comments of three kinds
SELECT 1 # DELETE
, 2 -- DROP
, 3 /* UPDATE */

-- allow: groups joined
SELECT country, GROUP_CONCAT(DISTINCT name ORDER BY name DESC SEPARATOR '; ') AS names, COUNT(DISTINCT id, name) FROM customers GROUP BY country ORDER BY country

-- allow: subtotals
SELECT status, SUM(total) FROM orders GROUP BY status WITH ROLLUP

-- allow: windows
SELECT id, SUM(total) OVER (PARTITION BY customer_id ORDER BY placed_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), RANK() OVER w, LAG(total, 1) OVER w FROM orders WINDOW w AS (ORDER BY total DESC, id) ORDER BY id

-- allow: a recursive spine
WITH RECURSIVE days AS (SELECT DATE('2024-01-01') AS d UNION ALL SELECT d + INTERVAL 1 DAY FROM days WHERE d < '2024-01-10') SELECT d, COUNT(o.id) FROM days LEFT JOIN orders o ON DATE(o.placed_at) = d GROUP BY d ORDER BY d

-- allow: a hierarchy
WITH RECURSIVE chain AS (SELECT id, name, CAST(name AS CHAR(200)) AS path FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, s.name, CONCAT(c.path, '>', s.name) FROM staff s JOIN chain c ON s.boss_id = c.id) SELECT * FROM chain ORDER BY path

-- allow: JSON
SELECT id, JSON_UNQUOTE(JSON_EXTRACT(meta, '$.channel')), JSON_LENGTH(meta, '$.items'), JSON_CONTAINS(meta, '"web"', '$.channel'), JSON_VALUE(meta, '$.score') FROM orders ORDER BY id

-- allow: JSON built
SELECT JSON_ARRAYAGG(name), JSON_OBJECT('n', COUNT(*)) FROM customers

-- allow: JSON as a table
SELECT o.id, j.sku FROM orders o, JSON_TABLE(o.meta, '$.items[*]' COLUMNS (sku VARCHAR(10) PATH '$.sku')) AS j ORDER BY o.id, j.sku

-- allow: patterns
SELECT name FROM customers WHERE name REGEXP '^[A-C]' OR name RLIKE 'n$' OR name LIKE '%\_%' OR name NOT LIKE 'x%' ORDER BY name

-- allow: conditions as functions
SELECT IF(total > 50, 'L', 'S'), IFNULL(status, '?'), NULLIF(status, 'new'), COALESCE(NULL, 1), CASE status WHEN 'paid' THEN 1 ELSE 0 END, GREATEST(total, 50), ELT(2, 'a', 'b'), FIELD(status, 'new', 'paid'), ISNULL(status) FROM orders ORDER BY id

-- allow: operators of its own
SELECT 7 DIV 2, 7 MOD 3, 7 % 3, 1 XOR 1, 1 && 0, 1 || 0, !0, NOT 1 = 2, 5 <=> NULL, NULL <=> NULL, 5 ^ 3, 5 | 3, ~1 & 7, 1 << 3, BINARY 'a' = 'A', 3 BETWEEN 1 AND 5, 'a' COLLATE utf8mb4_bin = 'A'

-- allow: casts
SELECT CAST('12' AS SIGNED), CAST('-1' AS UNSIGNED), CAST('1.55' AS DECIMAL(4, 1)), CAST(65 AS CHAR), CONVERT('x' USING utf8mb4), CONVERT('12', SIGNED), CAST('2024-01-01' AS DATETIME), CAST('10:00' AS TIME), CAST('a' AS CHAR CHARACTER SET utf8mb4)

-- allow: text functions
SELECT SUBSTRING(name, 2, 3), SUBSTRING(name FROM 2 FOR 2), SUBSTR(name, 2), TRIM(BOTH 'a' FROM LOWER(name)), TRIM(name), POSITION('n' IN name), LOCATE('n', name), CONCAT_WS('-', id, name), LPAD(id, 5, '0'), SUBSTRING_INDEX(name, 'n', 1), CHAR_LENGTH(name), REPLACE(name, 'n', 'm'), LEFT(name, 2), REVERSE(name), FORMAT(1234.5, 1), HEX(name), CHAR(65 USING utf8mb4) FROM customers ORDER BY id

-- allow: joins
SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id INNER JOIN staff s ON s.id = c.id STRAIGHT_JOIN (SELECT 1 AS one) x ORDER BY 1, 2

-- allow: an index named
SELECT id FROM orders USE INDEX (PRIMARY) WHERE id > 1 ORDER BY id

-- allow: limits in both spellings
SELECT id FROM orders ORDER BY id LIMIT 1, 2

-- allow: set operations
(SELECT id FROM customers ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM orders) ORDER BY id LIMIT 4

-- allow: names with blanks and words of the grammar
SELECT `line no`, `Qty`, `select` AS `from` FROM `Order Lines` AS `where` ORDER BY 1

-- allow: alias in HAVING, alias as a text
SELECT customer_id, SUM(total) AS 'the sum' FROM orders GROUP BY customer_id HAVING `the sum` > 1 ORDER BY `the sum`

-- allow: a hint that changes no result
SELECT SQL_NO_CACHE COUNT(*) FROM orders

-- allow: no table at all
SELECT 1 + 1 FROM DUAL

-- allow: a comment behind the semicolon
SELECT COUNT(*) FROM orders; -- that is all

-- allow: exists and derived tables
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM (SELECT customer_id FROM orders WHERE total > 50) big WHERE big.customer_id = c.id) ORDER BY name

-- deny executable-comment: with a version
SELECT /*!80000 1 */ FROM orders

-- deny executable-comment: after a text that ends with a backslash
SELECT 'a\\' /*! , SLEEP(9) */

-- deny executable-comment: after a quote within a comment
SELECT 1 -- '
/*!, 2 */ -- '

-- deny executable-comment: MariaDB's own
SELECT 1 /*M! , 2 */

-- deny optimizer-hint: settings by a hint
SELECT /*+ SET_VAR(max_execution_time = 0) */ 1

-- deny session-state: a count left behind
SELECT SQL_CALC_FOUND_ROWS * FROM orders

-- deny parameter: set and read
SELECT @a := 1, @a

-- deny server-variable: a global
SELECT @@global.secure_file_priv

-- deny server-variable: in a condition
SELECT 1 FROM orders WHERE id = @@version

-- deny syntax: a file written
SELECT * FROM customers INTO OUTFILE '/tmp/x'

-- deny syntax: a file written, before FROM
SELECT 'x' INTO DUMPFILE '/tmp/x' FROM customers

-- deny locking-clause: shared
SELECT * FROM customers LOCK IN SHARE MODE

-- deny locking-clause: exclusive
SELECT * FROM customers FOR UPDATE

-- deny unknown-function: waiting
SELECT IF(1, SLEEP(10), 0)

-- deny unknown-function: waiting in ORDER BY
SELECT id FROM orders ORDER BY (SELECT SLEEP(1))

-- deny unknown-function: who is connected
SELECT CURRENT_USER()

-- deny session-information: who is connected, without brackets
SELECT CURRENT_USER

-- deny unknown-function: the version
SELECT VERSION()

-- deny unknown-function: locks
SELECT RELEASE_ALL_LOCKS()

-- deny unknown-function: replication
SELECT MASTER_POS_WAIT('x', 1)

-- deny unknown-function: the last id
SELECT LAST_INSERT_ID(5)

-- deny unknown-function: XML with an entity
SELECT EXTRACTVALUE('<a/>', '/a')

-- deny qualified-function: a stored function
SELECT shop.f(1)

-- deny unreadable-table: the system's
SELECT * FROM mysql.global_priv

-- deny unreadable-table: backticks and blanks
SELECT * FROM `mysql` . `user`

-- deny unreadable-table: performance data
SELECT * FROM performance_schema.threads

-- deny not-a-query: a handler
HANDLER customers OPEN

-- deny not-a-query: tables shown
SHOW TABLES

-- deny not-a-query: a procedure
CALL p()

-- deny not-a-query: rows replaced
REPLACE INTO customers SELECT * FROM customers

-- deny not-a-query: an explained update
DESCRIBE UPDATE customers SET name = 'x'

-- deny one-statement: a second statement
SELECT 1; SELECT SLEEP(5)

-- deny size: a long text
SELECT REPEAT('a', 1000000000)

-- deny size: blanks
SELECT SPACE(900000000)

-- deny recursion: endless
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT * FROM n

-- deny cross-join: everything with everything
SELECT COUNT(*) FROM orders a JOIN orders b JOIN orders c
