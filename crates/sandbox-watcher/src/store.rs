//! The database: one file per project.
//!
//! Opening brings an older format up to date in one transaction and refuses a newer one. The journal beside the file is SQLite's write-ahead
//! log, so that readers never wait for a writer; on network file systems, where that is not safe, it is a rollback journal.

mod schema;

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::WatchError;

pub(crate) use schema::VERSION;

/// The folder of a store in a project's folder.
pub const STORE_FOLDER: &str = ".dj-sandbox";
/// The store's file in it.
pub const STORE_FILE: &str = "runs.db";
/// Journals, beside the file.
const JOURNALS: &str = "journal";
/// How long a call waits for another process's transaction; the writer tries again after that.
const BUSY: Duration = Duration::from_secs(5);
/// SQLite's `application_id` of stores: "djsb".
const APPLICATION: i64 = 0x646a_7362;
const STATEMENTS: usize = 64;

/// Where a project's store stands: `.dj-sandbox/runs.db` in its `work_dir`.
///
/// ```
/// use std::path::Path;
/// assert_eq!(sandbox_watcher::store_path("outputs/demo"), Path::new("outputs/demo/.dj-sandbox/runs.db"));
/// ```
pub fn store_path(work_dir: impl AsRef<Path>) -> PathBuf {
    work_dir.as_ref().join(STORE_FOLDER).join(STORE_FILE)
}

/// Where the journals of a store stand.
pub(crate) fn journals(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    if name == STORE_FILE {
        return store.with_file_name(JOURNALS);
    }
    name.push("-");
    name.push(JOURNALS);
    store.with_file_name(name)
}

/// Opens a store for writing, making its file when it is missing; [`prepare`] goes on, which may wait for the disk and for others.
pub(crate) fn open(path: &Path) -> Result<Connection, WatchError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(WatchError::io("make the folder", folder))?;
    }
    // SQLite gives its other files the rights of this one.
    let made = File::options().create(true).append(true).mode(0o600).open(path);
    made.map_err(WatchError::io("open", path))?;
    let failed = |error| WatchError::database("open", path)(error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    version(&connection, path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    Ok(connection)
}

/// Makes an opened store ready to be written, and brings it up to date.
pub(crate) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), WatchError> {
    let failed = |error| WatchError::database("open", path)(error);
    let version = version(connection, path)?;
    if version == 0 {
        // Only before the first table.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    }
    let mode = if is_on_network(path) { "DELETE" } else { "WAL" };
    connection.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(())).map_err(failed)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
    if version < VERSION {
        migrate(connection).map_err(WatchError::database("bring up to date", path))?;
    }
    Ok(())
}

/// Brings SQLite's log into the file and empties it, so that the file alone is the store. That waits for the disk.
pub(crate) fn complete(connection: &Connection) {
    // A reader that looks at an older state keeps the log alive; the next one who ends does it.
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

/// Opens a store that only this connection's caller looks at, without changing anything.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, WatchError> {
    if !path.exists() {
        return Err(WatchError::Missing { path: path.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(BUSY)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    });
    let connection = match opened {
        Ok(connection) => connection,
        // A folder that cannot be written has no place for the shared memory of readers: then nobody writes either.
        Err(error) if matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly)) => {
            let failed = |_| WatchError::Database { action: "open", path: path.to_owned(), source: error };
            let uri = format!("file:{}?immutable=1", percent(path));
            Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).map_err(failed)?
        }
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            return Err(WatchError::Foreign { path: path.to_owned() });
        }
        Err(error) => return Err(WatchError::database("open", path)(error)),
    };
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if version(&connection, path)? == 0 {
        return Err(WatchError::Foreign { path: path.to_owned() });
    }
    Ok(connection)
}

/// The format of a store; 0 for an empty database.
fn version(connection: &Connection, path: &Path) -> Result<i64, WatchError> {
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => WatchError::Foreign { path: path.to_owned() },
        _ => WatchError::database("open", path)(error),
    };
    // One look: another process may be making the tables at this moment.
    let look = connection.unchecked_transaction().map_err(failed)?;
    let pragma = |name: &str| look.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = pragma("user_version").map_err(failed)?;
    let application = pragma("application_id").map_err(failed)?;
    if application != APPLICATION {
        let tables: i64 = look.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
        if tables > 0 || found > 0 {
            return Err(WatchError::Foreign { path: path.to_owned() });
        }
        return Ok(0);
    }
    if found > VERSION {
        return Err(WatchError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    Ok(found)
}

/// Takes all steps from the format that is there to the present one, or none.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it since.
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for step in schema::steps(found) {
        transaction.execute_batch(step)?;
    }
    if found < VERSION {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

/// Whether a path stands on a network file system.
fn is_on_network(path: &Path) -> bool {
    const NFS: u64 = 0x6969;
    const CIFS: u64 = 0xff53_4d42;
    const SMB2: u64 = 0xfe53_4d42;
    let kind = rustix::fs::statfs(path).map_or(0, |facts| facts.f_type as u64 & 0xffff_ffff);
    matches!(kind, NFS | CIFS | SMB2)
}

/// A path for a URI.
fn percent(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut out = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(*byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
