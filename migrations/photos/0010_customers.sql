-- Customers are listed by name, page by page; their links and galleries are found from them.
create index customer_list_idx on customer (photographer_id, lower(coalesce(nullif(name, ''), email)), id);
create index gallery_customers_customer_idx on gallery_customers (customer_id);
create index share_links_customer_idx on share_links (customer_id) where customer_id is not null;
