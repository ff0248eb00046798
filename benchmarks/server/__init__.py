"""The store on PostgreSQL beside a folder and beside one plain table: `./dev bench server [ROWS]`."""
