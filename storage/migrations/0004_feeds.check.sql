SELECT CASE WHEN
    (SELECT count(*) FROM feeds) + (SELECT count(*) FROM feed_channels)
  + (SELECT count(*) FROM posts) + (SELECT count(*) FROM plans)
  + (SELECT count(*) FROM imports) + (SELECT count(import_mark) FROM posts)
  + (SELECT count(*) FROM channel_successors) = 0
  THEN 1 ELSE 0 END;
