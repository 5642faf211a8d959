-- Fails when seeds/holiday_rules.csv has no rules for the var
-- `holiday_country`.
with

dim_date as (

    select * from {{ ref('dim_date') }}

)

select count(*) as holiday_count
from dim_date
where is_public_holiday
having count(*) = 0
