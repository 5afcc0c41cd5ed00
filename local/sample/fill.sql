CREATE TYPE plan AS ENUM ('free', 'paid');

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    plan plan NOT NULL,
    tags text[] NOT NULL,
    profile jsonb,
    balance numeric(12, 2) NOT NULL,
    born date
);

INSERT INTO customers
SELECT md5('customer' || n)::uuid,
       'Customer ' || n,
       CASE WHEN n % 3 = 0 THEN 'paid'::plan ELSE 'free' END,
       ARRAY['tag ' || n % 7, 'tag ' || n % 11],
       CASE WHEN n % 5 > 0 THEN jsonb_build_object('number', n, 'digest', md5(n::text)) END,
       n * 0.37,
       CASE WHEN n % 4 > 0 THEN date '1950-01-01' + n % 20000 END
  FROM generate_series(1, 1200 * current_setting('sample.megabytes')::int) AS n;

CREATE TABLE documents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers,
    content bytea NOT NULL,
    kept_for interval
);

-- Hashes do not compress: what is stored is what is asked for.
INSERT INTO documents (customer_id, content, kept_for)
SELECT md5('customer' || n)::uuid,
       decode((SELECT string_agg(md5(n || '/' || piece), '') FROM generate_series(1, 60) AS piece), 'hex'),
       n * interval '1 minute'
  FROM generate_series(1, 230 * current_setting('sample.megabytes')::int) AS n;

INSERT INTO measurements (sensor, value, taken_at, note)
SELECT 'sensor ' || n % 97,
       (n::bigint * 7919 % 100003) / 7.0,
       timestamptz '2025-01-01 00:00:00Z' + n * interval '1 second',
       CASE WHEN n % 3 > 0 THEN repeat(md5(n::text), 2) END
  FROM generate_series(1, 3500 * current_setting('sample.megabytes')::int) AS n;

CREATE INDEX measurements_by_sensor ON measurements (sensor, taken_at);

CREATE VIEW latest AS
SELECT sensor, max(taken_at) AS taken_at FROM measurements GROUP BY sensor;
