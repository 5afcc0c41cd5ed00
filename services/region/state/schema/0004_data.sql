-- Of an addon whose database has a server of its own.
alter table addons add column port integer unique;
