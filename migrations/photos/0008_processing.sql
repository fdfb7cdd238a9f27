-- With which recipe a photo was last processed, whether that went well or not. Null: by a release that did not note it,
-- or it is to be made again. What is older than the recipe of a running worker is made again in the background.
alter table photo add column recipe integer;

-- A file that is noted to be removed is left alone as long as a row names it: this is how that is asked.
create index renditions_storage_key_idx on renditions (storage_key);
