-- Runs once, when the database is made: the application's own user and database.
\set ON_ERROR_STOP on
\set password `cat /run/secrets/app-database-password`
CREATE ROLE app LOGIN PASSWORD :'password';
CREATE DATABASE app OWNER app;
\connect app
SET ROLE app;
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    note text NOT NULL
);
CREATE INDEX events_at ON events (at);
