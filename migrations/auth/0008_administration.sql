-- The record is read by event, by address and by name, always the newest first and a page at a time. It only grows, so
-- each of these questions has an index that ends with the key by which the pages follow one another.
create index audit_logs_event_id_idx on audit_logs (event, id);
create index audit_logs_address_id_idx on audit_logs (client_address text_pattern_ops, id);
create index audit_logs_username_id_idx on audit_logs (lower(username), id);
create index audit_logs_actor_id_idx on audit_logs (lower(details -> 'by' ->> 'username'), id);
