SELECT CASE WHEN
    (SELECT count(*) FROM scheduler) = 1
    AND (SELECT count(*) FROM operations) + (SELECT count(*) FROM deliveries)
  + (SELECT count(*) FROM lanes) + (SELECT count(*) FROM events) = 0
  AND (SELECT count(*) FROM entries WHERE occurrence_count <> 0) = 0
  THEN 1 ELSE 0 END;
