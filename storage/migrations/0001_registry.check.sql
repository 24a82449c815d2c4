SELECT CASE WHEN
    (SELECT count(*) FROM clients) + (SELECT count(*) FROM channels)
  + (SELECT count(*) FROM channel_pairs) + (SELECT count(*) FROM entries)
  + (SELECT count(*) FROM contents) + (SELECT count(*) FROM request_ids) = 0
  THEN 1 ELSE 0 END;
