-- Every listener is in one cohort, every month in which they listened is
-- counted once, and no month is missing.
with

fct_listen_history as (

    select
        count(distinct user_key) as listener_count,
        count(distinct user_key, date_key div 100) as user_month_count,
        max(date_key div 100) as last_month
    from {{ ref('fct_listen_history') }}
    where user_key != -1 and date_key != -1

),

retention_by_cohort as (

    select * from {{ ref('retention_by_cohort') }}

),

cohorts as (

    select
        cohort_start_date,
        max(cohort_size) as cohort_size,
        max(retained_count) filter (where months_since_first = 0)
            as first_retained_count,
        sum(retained_count) as user_month_count,
        count(*) as month_count,
        max(months_since_first) as last_months_since,
        max(cast(date_format(month_start_date, 'yyyyMM') as int)) as last_month
    from retention_by_cohort
    group by cohort_start_date

),

totals as (

    select
        coalesce(sum(cohorts.cohort_size), 0) as listener_count,
        coalesce(sum(cohorts.user_month_count), 0) as user_month_count,
        count_if(
            cohorts.first_retained_count != cohorts.cohort_size
            or cohorts.month_count != cohorts.last_months_since + 1
            or cohorts.last_month != fct_listen_history.last_month
        ) as odd_cohort_count
    from cohorts
    cross join fct_listen_history

)

select totals.*
from totals
cross join fct_listen_history
where
    totals.odd_cohort_count != 0
    or totals.listener_count != fct_listen_history.listener_count
    or totals.user_month_count != fct_listen_history.user_month_count
