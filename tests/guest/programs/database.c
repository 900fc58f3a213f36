// SQLite, as a library: two processes write to one database in the file tree, one transaction after the
// other, and wait for each other's record locks. A third one reads meanwhile.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 2, ROWS = 40 };

static void fail(const char* what, sqlite3* database) {
  printf("%s: %s\n", what, sqlite3_errmsg(database));
  exit(1);
}

static sqlite3* open_database(const char* path) {
  sqlite3* database;
  if (sqlite3_open(path, &database) != SQLITE_OK) fail("open", database);
  sqlite3_busy_timeout(database, 600000);
  return database;
}

static void run(sqlite3* database, const char* statement) {
  if (sqlite3_exec(database, statement, NULL, NULL, NULL) != SQLITE_OK) fail(statement, database);
}

// The first column of the first row.
static void show(sqlite3* database, const char* query) {
  sqlite3_stmt* statement;
  if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) != SQLITE_OK) fail(query, database);
  if (sqlite3_step(statement) != SQLITE_ROW) fail(query, database);
  printf("%s -> %s\n", query, (const char*)sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
}

static int write_rows(const char* path, int writer) {
  sqlite3* database = open_database(path);
  for (int row = 0; row < ROWS; ++row) {
    char statement[200];
    snprintf(statement, sizeof statement,
             "begin immediate; insert into entries values (%d, %d, 'text %d'); "
             "update counter set value = value + 1; commit",
             writer, row, row);
    run(database, statement);
  }
  sqlite3_close(database);
  return 0;
}

// Never sees half of a transaction.
static int read_meanwhile(const char* path) {
  sqlite3* database = open_database(path);
  for (;;) {
    sqlite3_stmt* statement;
    const char* query = "select (select count(*) from entries), (select value from counter)";
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) != SQLITE_OK) {
      fail(query, database);
    }
    if (sqlite3_step(statement) != SQLITE_ROW) fail(query, database);
    const int rows = sqlite3_column_int(statement, 0);
    const int counted = sqlite3_column_int(statement, 1);
    sqlite3_finalize(statement);
    if (rows != counted) {
      printf("%d rows, but %d counted\n", rows, counted);
      return 1;
    }
    if (rows == WRITERS * ROWS) break;
  }
  sqlite3_close(database);
  return 0;
}

int main(void) {
  const char* path = "/tmp/database";
  unlink(path);
  sqlite3* database = open_database(path);
  run(database, "create table entries (writer integer, number integer, text text)");
  run(database, "create table counter (value integer)");
  run(database, "insert into counter values (0)");
  sqlite3_close(database);
  fflush(stdout);
  for (int child = 0; child <= WRITERS; ++child) {
    if (fork() == 0) {
      const int status = child < WRITERS ? write_rows(path, child) : read_meanwhile(path);
      fflush(stdout);
      _exit(status);
    }
  }
  int failed = 0;
  for (int child = 0; child <= WRITERS; ++child) {
    int status;
    wait(&status);
    failed += status != 0;
  }
  database = open_database(path);
  printf("%d of %d processes failed\n", failed, WRITERS + 1);
  show(database, "select count(*) from entries");
  show(database, "select value from counter");
  show(database, "select sum(number) from entries where writer = 1");
  show(database, "select max(text) from entries");
  show(database, "pragma integrity_check");
  run(database, "create index by_number on entries (number)");
  show(database,
       "select group_concat(writer) from (select writer from entries where number = 7 order by 1)");
  run(database, "delete from entries where number >= 20");
  run(database, "vacuum");
  show(database, "select count(*) from entries");
  sqlite3_close(database);
  return 0;
}
