-- Files that were copied from one storage to another, and read there and found to be the same: a move that is cut off goes
-- on behind them, and what was deleted meanwhile is removed there too.
create table moved_files (
    -- The storage to which they were copied, as its settings name it.
    place text not null,
    storage_key text not null,
    -- Null: begun. Noted before the first byte, so that half of a copy, too, goes when its row does.
    moved_at timestamptz,
    constraint moved_files_pkey primary key (place, storage_key)
);
