/**
 * The built-in example project: what `--sim` uses where there is no rsds.yaml. Kept as text in a module because the
 * program is bundled; it goes through the same loader as a user's file.
 */

const tables = `-- Reference data is small and joined by every query: a copy on every node (DISTSTYLE ALL).
CREATE TABLE airlines (
  carrier  CHAR(2)      NOT NULL,
  name     VARCHAR(64)  NOT NULL,
  country  CHAR(2)      NOT NULL,
  PRIMARY KEY (carrier)
) DISTSTYLE ALL SORTKEY (carrier);

CREATE TABLE airports (
  code       CHAR(3)       NOT NULL,
  city       VARCHAR(64)   NOT NULL,
  country    CHAR(2)       NOT NULL,
  latitude   DECIMAL(8, 5) NOT NULL,
  longitude  DECIMAL(8, 5) NOT NULL,
  PRIMARY KEY (code)
) DISTSTYLE ALL SORTKEY (code);

-- Facts are spread by the column they are joined on and sorted by the one they are filtered on.
CREATE TABLE flights (
  flight_id          BIGINT     NOT NULL,
  flight_date        DATE       NOT NULL,
  carrier            CHAR(2)    NOT NULL,
  origin             CHAR(3)    NOT NULL,
  destination        CHAR(3)    NOT NULL,
  distance_km        INTEGER    NOT NULL,
  departure_delay    INTEGER,
  arrival_delay      INTEGER,
  cancelled          BOOLEAN    NOT NULL DEFAULT FALSE,
  PRIMARY KEY (flight_id)
) DISTKEY (carrier) SORTKEY (flight_date);
`;

const rows = `INSERT INTO airlines (carrier, name, country) VALUES
  ('LH', 'Lufthansa', 'DE'),
  ('BA', 'British Airways', 'GB'),
  ('AF', 'Air France', 'FR'),
  ('UA', 'United Airlines', 'US'),
  ('QF', 'Qantas', 'AU');

INSERT INTO airports (code, city, country, latitude, longitude) VALUES
  ('FRA', 'Frankfurt', 'DE', 50.03333, 8.57056),
  ('LHR', 'London', 'GB', 51.47060, -0.46194),
  ('CDG', 'Paris', 'FR', 49.00972, 2.54778),
  ('SFO', 'San Francisco', 'US', 37.61888, -122.37500),
  ('JFK', 'New York', 'US', 40.63972, -73.77889),
  ('SYD', 'Sydney', 'AU', -33.94611, 151.17722);

INSERT INTO flights
  (flight_id, flight_date, carrier, origin, destination, distance_km, departure_delay, arrival_delay, cancelled)
VALUES
  (1, '2026-01-02', 'LH', 'FRA', 'JFK', 6206, 12, -4, FALSE),
  (2, '2026-01-02', 'LH', 'FRA', 'LHR', 654, 0, 3, FALSE),
  (3, '2026-01-02', 'BA', 'LHR', 'SFO', 8610, 45, 31, FALSE),
  (4, '2026-01-03', 'BA', 'LHR', 'CDG', 348, NULL, NULL, TRUE),
  (5, '2026-01-03', 'AF', 'CDG', 'JFK', 5837, 5, 0, FALSE),
  (6, '2026-01-03', 'AF', 'CDG', 'FRA', 448, 18, 22, FALSE),
  (7, '2026-01-04', 'UA', 'SFO', 'FRA', 9142, 7, 15, FALSE),
  (8, '2026-01-04', 'UA', 'JFK', 'LHR', 5540, 64, 58, FALSE),
  (9, '2026-01-05', 'QF', 'SYD', 'SFO', 11940, 0, -11, FALSE),
  (10, '2026-01-05', 'QF', 'SYD', 'LHR', 17016, 21, 9, FALSE);
`;

const views = `CREATE VIEW carrier_punctuality AS
SELECT
  airlines.name AS airline,
  COUNT(*) AS flights,
  SUM(CASE WHEN flights.cancelled THEN 1 ELSE 0 END) AS cancelled,
  AVG(flights.arrival_delay) AS average_arrival_delay
FROM flights
JOIN airlines ON airlines.carrier = flights.carrier
GROUP BY airlines.name;
`;

/** The example's files of SQL, by the names that its configuration lists. */
export const exampleSql: Readonly<Record<string, string>> = {
  'sql/01-tables.sql': tables,
  'sql/02-rows.sql': rows,
  'sql/03-views.sql': views,
};

/** The example's rsds.yaml. */
export const exampleYaml = `project: airline
region: us-east-1

producer:
  database: airline_dw
  initSql:
    - sql/01-tables.sql
    - sql/02-rows.sql
    - sql/03-views.sql

consumers:
  count: 3

datashare:
  name: airline_share
  schemas: [public]
  consumerDatabase: airline
  reader: reporter
`;
