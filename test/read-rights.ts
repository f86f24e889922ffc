import type pg from "pg";

/** Rights as the catalogue has them: what PostgreSQL would answer if the role asked, whoever gave it. */
export interface ReadRights {
  attributes: string[];
  databases: string[];
  schemas: string[];
  tables: string[];
  columns: string[];
  functions: string[];
  elsewhere: string[];
}

type Ask = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

const tableRights = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
const columnRights = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];

/** Everything that one role may do in the database that `ask` is connected to, as lines in alphabetical order. */
export const readRights = async (ask: Ask, role: string, version: number): Promise<ReadRights> => {
  const lines = async (text: string, values: unknown[] = [role]): Promise<string[]> =>
    (await ask<{ line: string }>(text, values)).map(({ line }) => line).sort();
  const relations = `SELECT c.oid, n.nspname || '.' || c.relname AS name, n.nspname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')`;
  const ofTables = version >= 17 ? [...tableRights, "MAINTAIN"] : tableRights;
  return {
    attributes: await lines(
      `SELECT a.line FROM pg_roles r, LATERAL (VALUES
         ('LOGIN', rolcanlogin), ('INHERIT', rolinherit), ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb),
         ('CREATEROLE', rolcreaterole), ('REPLICATION', rolreplication), ('BYPASSRLS', rolbypassrls)) AS a (line, has)
       WHERE r.rolname = $1 AND a.has
       UNION ALL
       SELECT 'MEMBER OF ' || g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
       JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = $1`,
    ),
    databases: await lines(
      `SELECT d.datname || ': ' || string_agg(p, ', ' ORDER BY p) AS line
       FROM pg_database d, unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) AS p
       WHERE d.datallowconn AND has_database_privilege($1, d.oid, p) GROUP BY d.datname`,
    ),
    schemas: await lines(
      `SELECT n.nspname || ': ' || string_agg(p, ', ' ORDER BY p) AS line
       FROM pg_namespace n, unnest(ARRAY['USAGE', 'CREATE']) AS p
       WHERE has_schema_privilege($1, n.oid, p) GROUP BY n.nspname`,
    ),
    tables: await lines(
      `SELECT substr(c.name, 8) || ': ' || string_agg(p, ', ' ORDER BY p) AS line
       FROM (${relations}) c, unnest($2::text[]) AS p
       WHERE c.nspname = 'public' AND has_table_privilege($1, c.oid, p) GROUP BY c.name`,
      [role, ofTables],
    ),
    columns: await lines(
      `SELECT substr(c.name, 8) || ' (' || string_agg(a.attname, ', ' ORDER BY a.attname) || '): ' || p AS line
       FROM (${relations}) c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
            unnest($2::text[]) AS p
       WHERE c.nspname = 'public' AND has_column_privilege($1, c.oid, a.attnum, p) AND NOT has_table_privilege($1, c.oid, p)
       GROUP BY c.name, p`,
      [role, columnRights],
    ),
    functions: await lines(
      `SELECT f.proname AS line FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
       WHERE n.nspname = 'public' AND has_function_privilege($1, f.oid, 'EXECUTE')`,
    ),
    // What nobody should have been given: PostgreSQL's own things beyond what everybody may, sequences, parameters, spaces.
    elsewhere: await lines(
      `SELECT c.name || ': ' || string_agg(p, ', ' ORDER BY p) AS line
       FROM (${relations}) c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p
       WHERE c.nspname <> 'public' AND has_table_privilege($1, c.oid, p) GROUP BY c.name
       UNION ALL
       SELECT c.name || ': SELECT' FROM (${relations}) c
       WHERE c.nspname <> 'public' AND has_table_privilege($1, c.oid, 'SELECT') AND NOT has_table_privilege('public', c.oid, 'SELECT')
       UNION ALL
       SELECT 'function ' || f.oid::regprocedure FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
       WHERE n.nspname <> 'public' AND has_function_privilege($1, f.oid, 'EXECUTE')
         AND NOT has_function_privilege('public', f.oid, 'EXECUTE')
       UNION ALL
       SELECT 'sequence ' || s.relname FROM pg_class s
       WHERE CASE WHEN s.relkind = 'S' THEN has_sequence_privilege($1, s.oid, 'USAGE, SELECT, UPDATE') END
       UNION ALL
       SELECT 'tablespace ' || t.spcname FROM pg_tablespace t WHERE has_tablespace_privilege($1, t.oid, 'CREATE')
       UNION ALL
       SELECT 'parameter ' || p.parname FROM pg_parameter_acl p WHERE has_parameter_privilege($1, p.parname, 'SET, ALTER SYSTEM')
       UNION ALL
       SELECT 'large object ' || l.oid FROM pg_largeobject_metadata l
       UNION ALL
       SELECT 'by default: ' || a.privilege_type FROM pg_default_acl d, aclexplode(d.defaclacl) a WHERE a.grantee <> d.defaclrole`,
    ),
  };
};
