with

active as (

    select distinct fct_listen_history.user_key, dim_date.month_start_date
    from {{ ref('fct_listen_history') }} as fct_listen_history
    inner join {{ ref('dim_date') }} as dim_date on fct_listen_history.date_key = dim_date.date_key
    where fct_listen_history.date_key != -1 and fct_listen_history.user_key != -1

),

joined_in as (

    select
        user_key,
        month_start_date,
        min(month_start_date) over (partition by user_key) as cohort_start_date
    from active

),

counted as (

    select cohort_start_date, month_start_date, count(*) as retained_count
    from joined_in
    group by cohort_start_date, month_start_date

),

cohorts as (

    select cohort_start_date, retained_count as cohort_size
    from counted
    where cohort_start_date = month_start_date

),

grid as (

    select
        cohorts.cohort_start_date,
        cohorts.cohort_size,
        unnest(
            generate_series(
                cohorts.cohort_start_date,
                (select max(month_start_date) from active),
                interval 1 month
            )
        )::date as month_start_date
    from cohorts

)

select
    grid.cohort_start_date,
    date_diff('month', grid.cohort_start_date, grid.month_start_date)::int as months_since_first,
    grid.month_start_date,
    grid.cohort_size,
    coalesce(counted.retained_count, 0) as retained_count,
    coalesce(counted.retained_count, 0) / grid.cohort_size as retention_rate
from grid
left join counted
    on
        grid.cohort_start_date = counted.cohort_start_date
        and grid.month_start_date = counted.month_start_date
